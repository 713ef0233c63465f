"""Holds the formats for other programs against validators that others wrote.

    python3 testbed/python/formats_validate.py PROGRAM
    python3 testbed/python/formats_validate.py --convert CONVERT REPORT.json

The first runs `PROGRAM scan --demo` for each format. The second converts a JSON report with the example `convert` of
the crate `report/`, which needs no AWS SDK, and the report changed as well: every status and state, hostile names,
20,000 findings, none.

SARIF: its JSON schema (testbed/schemas) and what GitHub asks for; Microsoft's multitool with `--multitool PATH`.
OCSF: the class's schema of `ocsf-json-schema`. ASFF: botocore's model, and an import into moto. Prometheus: the parser
of `prometheus-client`, and promtool where there is one. Packages: testbed/requirements.txt and testbed/formats.txt.
"""
import argparse
import copy
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import boto3
import jsonschema
import moto
import ocsf_json_schema
import prometheus_client.parser
from botocore.session import get_session
from botocore.validate import ParamValidator

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schemas"
HOSTILE = [
    '=HYPERLINK("https://evil.example")', '"><img src=x onerror=alert(1)>', "[click](https://evil.example) {0}",
    "a\nb\r\nc\td\x0b\x85\u2028\u2029", "\x00\x01\x7f\x1b[31m", "\u202egpj.exe\u202c\u200b\ufeff", "@everyone #1 `x` | \\ ~",
    "../../etc/passwd", "..", "%2e%2e/%00", "   ", "", '"} 1\naws_audit_findings{account="x', "名前👍" * 5000,
]


class Invalid(Exception):
    """What a validator said."""


def hold(condition, *what):
    if not condition:
        raise Invalid(" ".join(str(part)[:500] for part in what))


def some(items):
    """All of the items, or of thousands that are made alike every fortieth: a schema takes milliseconds for each."""
    return items if len(items) < 2000 else items[::40]


def schema_errors(validator, document):
    for error in validator.iter_errors(document):
        raise Invalid(f"{error.json_path}: {error.message[:500]}")


# SARIF. Limits and required properties: GitHub Docs, "SARIF support for code scanning".

def sarif(text, report, options):
    log = json.loads(text)
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    few = [run | {"results": some(run["results"])} for run in log["runs"]]
    schema_errors(validator, log | {"runs": few})
    hold(len(gzip.compress(text)) <= 10_000_000, "larger than 10 MB")
    hold(len(log["runs"]) == 1, "runs of one category")
    run = log["runs"][0]
    rules, results = run["tool"]["driver"]["rules"], run["results"]
    hold(len(results) <= 25_000, len(results), "results")
    for rule in rules:
        for name, limit in (("shortDescription", 1024), ("fullDescription", 1024), ("help", None)):
            said = rule[name]["text"]
            hold(said.strip() and (not limit or len(said) <= limit), rule["id"], name)
        severity = float(rule["properties"]["security-severity"])
        hold(0 < severity <= 10 and len(rule["properties"]["tags"]) <= 20, rule["id"])
    hashes = set()
    for result in results:
        hold(rules[result["ruleIndex"]]["id"] == result["ruleId"], "not the rule", result)
        hold(result["message"]["text"].strip(), "no message", result)
        physical = result["locations"][0]["physicalLocation"]
        uri = physical["artifactLocation"]["uri"]
        hold(re.fullmatch(r"[A-Za-z0-9._~%-]+(/[A-Za-z0-9._~%-]+)*", uri), "no relative path", uri)
        hold(not re.search(r"(^|/)\.+(/|$)", uri), "out of its directory", uri)
        hold(all(physical["region"][name] >= 1 for name in ("startLine", "startColumn", "endLine", "endColumn")), uri)
        hashes.add(result["partialFingerprints"]["primaryLocationLineHash"])
    hold(len(hashes) == len(results), "two results with one fingerprint")
    if report:
        listed = [finding for finding in report["findings"] if finding["status"] != "pass"]
        hold(len(results) == min(len(listed), 25_000), len(results), "results of", len(listed))
    # Half a minute for 20,000 results: their shape is that of the others.
    if options.multitool and len(results) < 5000:
        multitool(text, options.multitool)


def multitool(text, path):
    with tempfile.TemporaryDirectory() as directory:
        log, said = pathlib.Path(directory, "report.sarif"), pathlib.Path(directory, "said.sarif")
        log.write_bytes(text)
        subprocess.run(
            [path, "validate", log, "-o", said, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--kind", "Fail"],
            env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}, stdout=subprocess.DEVNULL, check=True,
        )
        for run in json.loads(said.read_text("utf-8-sig"))["runs"]:
            for result in run.get("results", []):
                # SARIF2005 asks for the address of the tool's home page, and it has none.
                hold(result["ruleId"] == "SARIF2005", "multitool:", result["ruleId"], result["message"])


# OCSF.

def ocsf(version):
    schema = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema(version=version)).get_class_schema(
        class_name="compliance_finding", profiles=["cloud", "datetime"])
    validator = jsonschema.Draft202012Validator(schema)

    def validate(text, report, _options):
        events = json.loads(text)
        for event in some(events):
            schema_errors(validator, event)
            hold(event["metadata"]["version"] == version, "not of that version")
            hold(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"], "type_uid")
        hold(len({event["metadata"]["uid"] for event in events}) == len(events), "two events with one uid")
        if report:
            hold(len(events) == len(report["findings"]), len(events), "events")

    return validate


# ASFF. Lengths: Security Hub CSPM API reference, AwsSecurityFinding.

def asff(text, report, _options):
    findings = json.loads(text)
    model = get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    types = set(model.shape_for("ResourceDetails").members) | {"AwsAccount"}
    for finding in some(findings):
        problems = ParamValidator().validate({"Findings": [finding]}, shape)
        hold(not problems.has_errors(), problems.generate_report())
    lengths = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024, "ProductName": 128, "CompanyName": 128}
    for finding in findings:
        for name, limit in lengths.items():
            hold(finding[name].strip() and len(finding[name]) <= limit, name, finding[name])
        hold(re.fullmatch(r"arn:[a-z-]+:securityhub:[a-z0-9-]+:\d{12}:product/\d{12}/default", finding["ProductArn"]))
        hold(all(resource["Type"] in types for resource in finding["Resources"]), finding["Resources"])
        fields = finding["ProductFields"]
        hold(len(fields) <= 50 and all(len(key) <= 128 and len(value) <= 2048 for key, value in fields.items()), fields)
        recommendation = finding.get("Remediation", {}).get("Recommendation", {})
        hold(len(recommendation.get("Text", "")) <= 512, recommendation)
        hold(len(json.dumps(finding, ensure_ascii=False).encode()) <= 240_000, "larger than 240 KB")
        for said in strings(finding):
            hold(re.fullmatch(r".*\S.*", said), "not of the pattern", repr(said))
    hold(len({finding["Id"] for finding in findings}) == len(findings), "two findings with one id")
    if report:
        hold(len(findings) == len(report["findings"]), len(findings), "findings")
    imported(some(findings))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value if isinstance(value, list) else value.values():
            yield from strings(item)


def imported(findings):
    """As docs/formats-integrations.md says: by region, 100 at a time, and what failed is looked at."""
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
    with moto.mock_aws():
        by_region = {}
        for finding in findings:
            by_region.setdefault(finding["ProductArn"].split(":")[3], []).append(finding)
        for region, theirs in by_region.items():
            client = boto3.client("securityhub", region_name=region)
            client.enable_security_hub()
            for at in range(0, len(theirs), 100):
                answer = client.batch_import_findings(Findings=theirs[at:at + 100])
                hold(answer["FailedCount"] == 0, answer.get("FailedFindings"))


# Prometheus.

def prometheus(text, _report, _options):
    seen = set()
    for family in prometheus_client.parser.text_string_to_metric_families(text.decode()):
        hold(family.type == "gauge" and family.documentation and family.samples, family)
        for sample in family.samples:
            hold(sample.timestamp is None, "a timestamp", sample)
            series = (sample.name, tuple(sorted(sample.labels.items())))
            hold(series not in seen, "twice", series)
            seen.add(series)
    hold(0 < len(seen) < 5000, len(seen), "series")
    promtool = shutil.which("promtool")
    if promtool:
        said = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
        hold(said.returncode == 0, (said.stdout + said.stderr).decode())


FORMATS = {"sarif": sarif, "ocsf": ocsf("1.6.0"), "ocsf-1.3": ocsf("1.3.0"), "asff": asff, "prometheus": prometheus}


def changed(report):
    """The report, and others made of it, by name."""
    statuses = copy.deepcopy(report)
    for number, finding in enumerate(statuses["findings"]):
        status = ["fail", "unknown", "suppressed", "pass"][number % 4]
        finding["status"] = status
        finding["state"] = {"fail": "new", "suppressed": "persisting", "pass": "resolved"}.get(status)
        finding["first_seen"] = "2026-01-02T03:04:05.678901Z"
        if status == "unknown":
            kinds = ["access_denied", "throttled", "server_error", "not_selected"]
            finding["evidence"] = {"operation": "s3:GetBucketAcl", "gap": kinds[number // 4 % 4]}
    hostile = copy.deepcopy(report)
    hostile["account"]["alias"] = HOSTILE[-2]
    for number, finding in enumerate(hostile["findings"]):
        name = HOSTILE[number % len(HOSTILE)]
        finding["resource"].update(id=name, name=name, arn=f"arn:aws:s3:::{name}" if number % 2 else name, tags={name: name, "n": name})
        finding["message"] = finding["title"] = name
        finding["fix"] = {"summary": name, "command": name}
        finding["evidence"] = {f"{name[:200]}{extra}": [name[:3000]] for extra in range(60)}
    many = copy.deepcopy(report)
    findings = many["findings"]
    many["findings"] = []
    for number in range(20_000):
        finding = copy.deepcopy(findings[number % len(findings)])
        finding["id"] = f"{number:032x}"
        finding["resource"]["id"] += f"-{number}"
        many["findings"].append(finding)
    none = report | {"findings": [], "regions": [], "score": report["score"] | {"overall": None, "judged": None, "controls": []}}
    return {"the report": report, "statuses": statuses, "hostile": hostile, "20,000": many, "nothing": none}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program", help="the program, or with --convert a JSON report")
    arguments.add_argument("--convert", help="the example `convert` of the crate report/")
    arguments.add_argument("--multitool", help="Sarif.Multitool of npm @microsoft/sarif-multitool-linux")
    options = arguments.parse_args()
    if options.convert:
        reports = changed(json.loads(pathlib.Path(options.program).read_text()))
    else:
        reports = {"the demo": None}
    failed = 0
    for of, report in reports.items():
        for name, validate in FORMATS.items():
            for lang in ["en", "ja"] if of in ("the demo", "the report") else ["en"]:
                if report:
                    command, sent = [options.convert, name, lang], json.dumps(report).encode()
                else:
                    command, sent = [options.program, "scan", "--demo", "--include-passed", "--lang", lang, "--format", name], None
                said = subprocess.run(command, input=sent, capture_output=True)
                try:
                    hold(said.stdout, said.stderr.decode())
                    again = subprocess.run(command, input=sent, capture_output=True).stdout if report else said.stdout
                    hold(again == said.stdout, "another text the second time")
                    validate(said.stdout, report, options)
                    print(f"{name} {lang} of {of}: valid, {len(said.stdout):,} bytes", flush=True)
                except (Invalid, ValueError, KeyError, IndexError) as error:
                    failed += 1
                    print(f"{name} {lang} of {of}: {type(error).__name__}: {error}", flush=True)
    sys.exit(f"{failed} are not valid" if failed else 0)


if __name__ == "__main__":
    main()
