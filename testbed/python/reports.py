"""Makes JSON reports to try formats on out of another: reports.py KIND [N] < report.json > other.json

hostile  everything that comes from an account is what an attacker would name it
gaps     half of it could not be judged
many     N findings (20000), as an account that has them
history  compared with a baseline: new, persisting and resolved
"""

import copy
import hashlib
import json
import sys

HOSTILE = [
    "\"><img src=x onerror=window.ran=1>",
    "'><script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "</title></style></summary></details><svg onload=window.ran=1>",
    "javascript:window.ran=1",
    "<!--<script>",
    "]]><a href=//evil.example>x</a>",
    "a\u202egnp.exe\u2066\u200b\u0000\u001b[31m\u2028",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} &lt;b&gt; &#60;b&#62;",
    "=cmd|' /C calc'!A0 @everyone #1 | ` \\",
    "x" * 50_000,
    "שלום <b>עולם</b>",
]


def hostile(report):
    count = 0

    def name():
        nonlocal count
        count += 1
        return HOSTILE[count % len(HOSTILE)]

    def spoil(value):
        if isinstance(value, str):
            return name()
        if isinstance(value, list):
            return [spoil(item) for item in value]
        if isinstance(value, dict):
            return {name() + str(at) if at % 3 == 0 else key: spoil(item) for at, (key, item) in enumerate(value.items())}
        return value

    report["account"]["alias"] = HOSTILE[0]
    for at, finding in enumerate(report["findings"]):
        resource = finding["resource"]
        for field in ["id", "arn", "name", "region"]:
            resource[field] = name()
        resource["tags"] = {name(): name()}
        finding["message"] = name() + finding["message"] + name()
        finding["evidence"] = spoil(finding["evidence"])
        if finding["fix"]:
            finding["fix"]["command"] = "aws " + name()
            finding["fix"]["summary"] += name()
        # What no scan makes, and a file that somebody edited may have.
        if at % 5 == 0:
            finding["id"], finding["check"], finding["title"] = name() + str(at), name(), name()
            finding["url"], finding["resource"]["type"] = name(), name()
            finding["controls"] = {name(): [name()]}
        if at % 11 == 0:
            finding["status"] = "suppressed"
    for path in report["paths"]:
        for step in path["steps"]:
            step.update(because=name(), condition=name())
            for end in ("from", "to"):
                step[end].update(id=name(), arn="arn:aws:" + name() + ":::" + name())
    report["paths"][0]["check"] = name()
    gaps(report)
    for gap in report["gaps"]:
        gap.update(message=name(), resource=name(), operation=name(), actions=[name()])
    for control in report["score"]["controls"][::2]:
        control["title"], control["id"] = name(), name()
    report["regions"].append(name())


def gaps(report):
    kinds = ["access_denied", "throttled", "region_disabled", "access_denied"]
    operations = ["s3:GetBucketPolicy", "ec2:DescribeInstances", "rds:DescribeDBInstances", "kms:ListKeys"]
    words = ["access denied", "throttled", "the region is not enabled", "denied explicitly by a policy"]
    report["gaps"] = []
    for at, finding in enumerate(report["findings"]):
        if at % 2:
            continue
        n = at // 2 % 4
        finding.update(status="unknown", fix=None, evidence={"operation": operations[n], "gap": kinds[n]})
        finding["message"] = f"Could not be judged: {operations[n]}: {words[n]}."
        report["gaps"].append({
            "operation": operations[n], "region": finding["resource"]["region"], "kind": kinds[n],
            "message": "User: arn:aws:iam::123456789012:user/audit is not authorized to perform: " + operations[n],
            "actions": [operations[n]], "checks": [finding["check"]],
            **({"refused_by": "deny"} if n == 3 else {}),
        })
    for at, control in enumerate(report["score"]["controls"]):
        control["unknown"] = control["fail"] // 2 if at % 3 else 0
    report["score"]["judged"] = 0.6181
    report["calls"]["denied"] = 41


def many(report, count):
    templates, findings = report["findings"], []
    for at in range(count):
        finding = copy.deepcopy(templates[at % len(templates)])
        old, new = finding["resource"]["id"], f"{finding['resource']['id']}-{at:x}"
        finding["resource"]["account"], account = "", finding["resource"]["account"]
        text = json.dumps(finding).replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        finding = json.loads(text)
        finding["resource"]["account"] = account
        finding["id"] = hashlib.sha256(f"{at}".encode()).hexdigest()[:32]
        findings.append(finding)
    report["findings"] = findings


def history(report):
    for at, finding in enumerate(report["findings"]):
        finding["state"] = "new" if at % 7 == 0 else "persisting"
        finding["first_seen"] = "2026-10-01T00:00:00Z"
        if at % 9 == 0:
            finding.update(status="pass", state="resolved")


def main():
    report = json.load(sys.stdin)
    kind = sys.argv[1]
    if kind == "many":
        many(report, int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
    else:
        {"hostile": hostile, "gaps": gaps, "history": history}[kind](report)
    json.dump(report, sys.stdout)


main()
