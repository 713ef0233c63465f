"""AWS's own endpoints, as botocore resolves them, of the services of src/collect/api.rs:

    ~/.cache/aws-audit/venv-*/bin/python testbed/python/endpoints.py < APIS

APIS has a line for each: its name, the first part of its endpoints, the name that its requests are signed for, and the
prefix of `X-Amz-Target`, if it has one. Prints, for each region of each partition, the name, the region, `fips` or
`-`, `dual` or `-`, and the endpoint.
"""
import sys

import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

# Of services with several models, the one that is asked.
NOT_THESE = {"es", "elbv1"}


def main():
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    models = {}
    for service in session.get_available_services():
        if service not in NOT_THESE:
            models[service] = session.get_service_model(service).metadata
    partitions = loader.load_data("partitions")
    for line in sys.stdin.read().splitlines():
        name, host, signing, prefix = line.split("\t")
        of = [service for service, it in models.items()
              if it["endpointPrefix"] == host and it.get("signingName", it["endpointPrefix"]) == signing
              and it.get("targetPrefix", "") == prefix]
        # Versions of one service's API share their endpoints.
        if not of:
            sys.exit(f"endpoints: no model of {name}: {host}, {signing}, {prefix}")
        provider = EndpointProvider(loader.load_service_model(of[-1], "endpoint-rule-set-1"), partitions)
        for partition in partitions["partitions"]:
            outputs = partition["outputs"]
            for region in (it for it in partition["regions"] if "global" not in it):
                for fips in (False, True):
                    for dual in (False, True):
                        # The rules name FIPS endpoints everywhere; AWS has them in these (Compliance, "FIPS").
                        if fips and partition["id"] not in ("aws", "aws-us-gov") or dual and not outputs["supportsDualStack"]:
                            continue
                        try:
                            url = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual).url
                        except EndpointProviderError:
                            continue
                        print(name, region, "fips" if fips else "-", "dual" if dual else "-", url, sep="\t")


if __name__ == "__main__":
    main()
