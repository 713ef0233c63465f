"""Prints ../src/proxy/operations.txt: which method and path mean which operation, for the services whose
requests do not name it. Read from botocore's service descriptions:

    ~/.cache/aws-audit/venv-*/bin/python testbed/python/operations.py > testbed/src/proxy/operations.txt
"""

import botocore.session

SERVICES = """
accessanalyzer account apigateway apigatewayv2 appsync backup batch bedrock-agentcore-control cloudfront detective efs eks guardduty
inspector2 kafka lambda macie2 mq opensearch resource-explorer-2 route53 s3 s3control scheduler securityhub
security-ir ssm-incidents xray
""".split()

# S3 Control signs as S3, and the second version of API Gateway as the first.
NAMES = {"s3control": "s3control", "apigatewayv2": "apigatewayv2"}

print("# Made by testbed/python/operations.py. Columns: service, method, path and query, operation.")
session = botocore.session.get_session()
for service in SERVICES:
    model = session.get_service_model(service)
    name = NAMES.get(service, model.signing_name)
    for operation in model.operation_names:
        description = session.get_component("data_loader").load_service_model(service, "service-2")
        found = description["operations"][operation]
        if found.get("deprecated") or operation == "ListDirectoryBuckets":
            continue
        uri = found["http"]["requestUri"]
        # What every request has in its query tells operations on one path apart (ListParts: uploadId).
        shape = model.operation_model(operation).input_shape
        for member in shape.required_members if shape else []:
            if shape.members[member].serialization.get("location") == "querystring":
                uri += ("&" if "?" in uri else "?") + shape.members[member].serialization["name"]
        print(name, found["http"]["method"], uri, operation)
