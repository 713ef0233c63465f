"""Holds deploy/, the workflows and the action against validators that others wrote, and runs their scripts.

    python3 testbed/python/deploy_check.py [PROGRAM]

CloudFormation: cfn-lint, which knows the state machine's language too; that again by npm's `asl-validator` where
`ASL_VALIDATOR` names its `dist/bin`. Kubernetes: `kubernetes-validate --strict`. Terraform: python-hcl2 reads it, and every
reference leads to something. GitHub: the schemas of check-jsonschema, and zizmor. Scripts: shellcheck where there is one,
and each is run with stand-ins for `aws` and `aws-audit`. With PROGRAM also the action's script, on the demo, and what
`PROGRAM policy` prints. Packages: testbed/tools.txt.
"""
import atexit
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import hcl2
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(sys.executable).parent
lacking = []
scratch = pathlib.Path(tempfile.mkdtemp(prefix="deploy-check-"))
atexit.register(shutil.rmtree, scratch)


def hold(condition, *what):
    if not condition:
        sys.exit("deploy_check: " + " ".join(str(part)[:3000] for part in what))


def run(*command, codes=(0,), **options):
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)
    hold(done.returncode in codes, *command, "exited", done.returncode, "\n" + done.stdout)
    return done.stdout


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


Template.add_multi_constructor("!", lambda loader, suffix, node: {
    "Ref" if suffix == "Ref" else f"Fn::{suffix}":
        loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node, deep=True)})


def cloudformation():
    files = sorted((ROOT / "deploy").glob("*.yaml"))
    hold(len(files) >= 6, files)
    in_pages = examples("<!-- (cfn-lint) -->")["cfn-lint"]
    run(BIN / "cfn-lint", "--non-zero-exit-code", "informational", *files, *in_pages)
    templates = {file.stem: yaml.load(file.read_text(), Template) for file in files}
    for file in files:
        hold(file.stat().st_size <= 51_200, file, "is larger than CloudFormation takes")
    # What other stacks import, the hub exports.
    exported = {json.dumps(it["Export"]["Name"]).split("-", 1)[1].rstrip('"}')
                for it in templates["hub"]["Outputs"].values()}
    for name, template in templates.items():
        imported = set(re.findall(r"\$\{HubStack\}-(\w+)", json.dumps(template)))
        hold(imported <= exported, name, "imports", imported - exported)
    # A role that members trust must have the name that the StackSet's default says.
    hold(templates["hub"]["Resources"]["HubRole"]["Properties"]["RoleName"] == "aws-audit-hub", "the hub's role")
    statements = templates["hub"]["Resources"]["HubRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    writing = [it["Sid"] for it in statements if any("Put" in action for action in [it["Action"]] + list(it["Action"]))]
    hold(writing == ["Reports"], "the hub's role writes for", writing)
    return templates


def state_machine(template):
    machine = template["Resources"]["Machine"]["Properties"]
    definition = machine["Definition"]
    substituted = set(re.findall(r"\$\{(\w+)\}", json.dumps(definition)))
    hold(substituted == set(machine["DefinitionSubstitutions"]), "substitutions", substituted)
    validator = os.environ.get("ASL_VALIDATOR")
    if not validator:
        lacking.append("asl-validator")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        values = {"Cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/aws-audit",
                  "Task": "arn:aws:ecs:eu-west-1:111122223333:task-definition/aws-audit:1"}
        text = re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], "x"), json.dumps(definition))
        file.write(text)
        file.flush()
        run("node", validator, "--json-path", file.name)
        file.seek(0)
        file.truncate()
        file.write(text.replace("MaxConcurrencyPath", "MostAtOnce"))
        file.flush()
        run("node", validator, "--json-path", file.name, codes=(1,))


def kubernetes():
    files = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
    hold(len(files) == 5, files)
    run(BIN / "kubernetes-validate", "--strict", "--quiet", *files)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(files[1].read_text().replace("completionMode", "completionMod"))
        file.flush()
        run(BIN / "kubernetes-validate", "--strict", file.name, codes=range(1, 256))
    for file in files:
        for document in yaml.safe_load_all(file.read_text()):
            spec = document.get("spec", {})
            pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec")
            if pod:
                # Pod Security Standards, "Restricted".
                own = pod["containers"][0]["securityContext"]
                hold(pod["securityContext"]["runAsNonRoot"] and not own["allowPrivilegeEscalation"]
                     and own["readOnlyRootFilesystem"] and own["capabilities"]["drop"] == ["ALL"], file)


def terraform(texts):
    for name, text in texts.items():
        module = hcl2.loads(text)
        blocks = lambda kind: [block for block in module.get(kind, [])]
        unquoted = lambda key: key.strip('"')
        there = {f"var.{unquoted(name)}" for block in blocks("variable") for name in block}
        there |= {f"local.{key}" for block in blocks("locals") for key in block}
        there |= {f"{unquoted(kind)}.{unquoted(own)}" for block in blocks("resource")
                  for kind, of in block.items() for own in of}
        there |= {f"data.{unquoted(kind)}.{unquoted(own)}" for block in blocks("data")
                  for kind, of in block.items() for own in of}
        bare = re.sub(r"#.*", "", text)
        used = set(re.findall(r"(?<![\w.\"/:])((?:var|local)\.\w+|data\.aws_\w+\.\w+|aws_\w+\.\w+)", bare))
        hold(used and used <= there, name, "uses what it has not:", used - there)


def github():
    check = BIN / "check-jsonschema"
    at = ROOT / ".github"
    forms = [form for form in sorted((at / "ISSUE_TEMPLATE").glob("*.yml")) if form.stem != "config"]
    workflows = sorted((at / "workflows").glob("*.yml"))
    run(check, "--builtin-schema", "vendor.github-workflows", *workflows)
    run(check, "--builtin-schema", "custom.github-workflows-require-timeout", *workflows)
    run(check, "--builtin-schema", "vendor.github-issue-forms", *forms)
    run(check, "--builtin-schema", "vendor.github-issue-config", at / "ISSUE_TEMPLATE/config.yml")
    run(check, "--builtin-schema", "vendor.dependabot", at / "dependabot.yml")
    run(check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
    run(BIN / "zizmor", "--offline", "--quiet", "--persona", "pedantic", ROOT)
    # Examples in the documentation are workflows, too.
    for schema, files in examples(r"<!-- schema: (\S+) -->").items():
        run(check, "--builtin-schema", schema, *files)


def examples(marker):
    """What stands in the pages behind a marker, as files by what the marker says. They live as long as this process."""
    found = {}
    for page in sorted((ROOT / "docs/run").glob("*.md")):
        for kind, example in re.findall(marker + r"\n```ya?ml\n(.*?)```", page.read_text(), re.S):
            file = scratch / f"{page.stem}-{len(found.get(kind, []))}.yml"
            file.write_text(example)
            found.setdefault(kind, []).append(file)
    return found


AWS = r'''#!/usr/bin/env python3
"""Stands in for the AWS CLI: S3 is a directory, a job of Batch runs at once."""
import json, os, pathlib, shutil, subprocess, sys
root, words = pathlib.Path(os.environ["S3"]), sys.argv[1:]
local = lambda url: root / url.removeprefix("s3://")
option = lambda name: words[words.index(name) + 1]
if words[:2] == ["s3", "ls"]:
    at = local(words[2])
    sys.exit(0 if at.parent.is_dir() and any(it.name.startswith(at.name) for it in at.parent.iterdir()) else 1)
elif words[:2] == ["s3", "cp"]:
    paths = [word for word in words[2:] if not word.startswith("--")]
    source, target = (local(it) if it.startswith("s3://") else pathlib.Path(it) for it in paths)
    if paths[1] == "-":
        sys.stdout.write(source.read_text())
    elif "--recursive" in words:
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
elif words[:2] == ["batch", "submit-job"]:
    given = json.loads(option("--container-overrides"))
    size = int(option("--array-properties").removeprefix("size=")) if "--array-properties" in words else None
    failed = 0
    for index in range(size or 1):
        variables = {it["name"]: it["value"] for it in given["environment"]}
        if size:
            variables["AWS_BATCH_JOB_ARRAY_INDEX"] = str(index)
        failed += subprocess.run([os.environ["ENTRYPOINT"], *given["command"]], env=os.environ | variables,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0
    print("job-failed" if failed else "job-done")
elif words[:2] == ["batch", "describe-jobs"]:
    print("FAILED" if option("--jobs") == "job-failed" else "SUCCEEDED")
else:
    sys.exit(f"what is {words}?")
'''

AUDIT = r'''#!/usr/bin/env python3
"""Stands in for aws-audit: files and exit codes as it makes them."""
import json, os, pathlib, sys
words = sys.argv[1:]
option = lambda name: words[words.index(name) + 1]
with open(os.environ["CALLS"], "a") as calls:
    print(*words, file=calls)
accounts = os.environ["ACCOUNTS"].split()
if words[:2] == ["org", "plan"]:
    pathlib.Path(option("--output")).write_text("".join(json.dumps({"v": 1, "account": it}) + "\n" for it in accounts))
elif words[:2] == ["org", "worker"]:
    index = int(os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX") or os.environ["JOB_COMPLETION_INDEX"])
    account = json.loads(pathlib.Path(option("--plan")).read_text().splitlines()[index])["account"]
    at = pathlib.Path(option("--output-dir"), "accounts")
    at.mkdir(exist_ok=True)
    if account in os.environ.get("DENIED", ""):
        (at / f"{account}.gap.json").write_text("{}")
        sys.exit(3)
    (at / f"{account}.json").write_text("{}")
elif words[0] == "merge":
    at = pathlib.Path(words[1])
    plan = [json.loads(line)["account"] for line in (at / "plan.jsonl").read_text().splitlines()]
    there = sorted(path.name for path in (at / "accounts").iterdir())
    (at / "organization.json").write_text(json.dumps({"plan": plan, "files": there}))
    sys.exit(1)
elif words[0] == "scan":
    at = pathlib.Path(option("--resume") if "--resume" in words else option("--output-dir"))
    (at / "plan.jsonl").write_text("")
    (at / "organization.json").write_text("{}")
    sys.exit(int(os.environ.get("EXIT", 1)))
'''


def scripts():
    files = [ROOT / "deploy/container/entrypoint.sh", ROOT / "deploy/batch/run.sh", ROOT / "packaging/action/run.sh",
             ROOT / "deploy/lambda/bootstrap", *sorted((ROOT / "packaging/debian").glob("p*"))]
    if tool := shutil.which("shellcheck"):
        run(tool, *files)
    else:
        lacking.append("shellcheck")
    run(BIN / "hadolint", ROOT / "deploy/container/Containerfile", ROOT / "packaging/Containerfile",
        ROOT / "deploy/lambda/Containerfile", env=os.environ | {"LC_ALL": "C.UTF-8"})
    with tempfile.TemporaryDirectory() as directory:
        at = pathlib.Path(directory)
        (at / "bin").mkdir()
        for name, text in (("aws", AWS), ("aws-audit", AUDIT)):
            # This Python and no wrapper of it, which might look for programs elsewhere.
            (at / "bin" / name).write_text(text.replace("/usr/bin/env python3", sys.executable))
            (at / "bin" / name).chmod(0o755)
        (at / "s3").mkdir()
        (at / "work").mkdir()
        accounts = ["111111111111", "222222222222", "333333333333"]
        environment = {"PATH": f"{at}/bin:{os.environ['PATH']}", "S3": f"{at}/s3", "CALLS": f"{at}/calls",
                       "ACCOUNTS": " ".join(accounts), "ENTRYPOINT": str(files[0]), "AWS_AUDIT_POLL": "0",
                       "AWS_AUDIT_PLAN_ARGUMENTS": "--ou Workloads", "AWS_AUDIT_ARGUMENTS": "--framework cis-6.0"}
        batch = lambda **more: run(files[1], "b", "r", env=environment | more, cwd=at / "work")
        merged = lambda: json.loads((at / "s3/b/runs/r/organization.json").read_text())

        # One account refuses: its reason is kept, the others are merged.
        said = batch(DENIED=accounts[1])
        hold("some accounts failed" in said, said)
        hold(merged() == {"plan": accounts, "files": [f"{accounts[0]}.json", f"{accounts[1]}.gap.json",
                                                      f"{accounts[2]}.json"]}, merged())
        calls = (at / "calls").read_text().splitlines()
        hold(sum(call.startswith("org worker") for call in calls) == 3 and "--ou Workloads" in calls[0], calls)
        hold(all("--framework cis-6.0" in call for call in calls if call.startswith("org worker")), calls)
        # Run again: only that one is scanned, though the organization has another account by now.
        said = batch(ACCOUNTS="999999999999 " + " ".join(accounts))
        hold("some accounts failed" not in said, said)
        hold(merged() == {"plan": accounts, "files": [f"{it}.json" for it in accounts]}, merged())
        again = (at / "calls").read_text().splitlines()[len(calls):]
        hold(sum(call.startswith("org worker") for call in again) == 1, again)
        # An organization of one account is no array.
        run(files[1], "b", "one", env=environment | {"ACCOUNTS": accounts[0]}, cwd=at / "work")
        hold((at / f"s3/b/runs/one/accounts/{accounts[0]}.json").exists(), "a single account")

        # Everything in one process: findings are no failure, wrong arguments are, and a second try goes on.
        whole = environment | {"AWS_AUDIT_DESTINATION": "s3://b/runs/whole"}
        run(files[0], "organization", env=whole, cwd=at / "work")
        run(files[0], "organization", env=whole | {"EXIT": "2"}, cwd=at / "work", codes=(2,))
        last = (at / "calls").read_text().splitlines()[-1]
        hold(last.startswith("scan --resume"), last)
        hold(not list((at / "work").iterdir()), "the script leaves files behind")
        run(files[0], "nonsense", env=whole, cwd=at / "work", codes=(2,))


def lambda_runtime():
    """The runtime against a stand-in of Lambda's API: a scan that finds something, one that fails."""
    answers, events = [], [("one", b'{"arguments": "--framework cis-6.0"}'), ("two", b"{}")]

    class Api(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if len(answers) == len(events):
                # Nothing more to do: the runtime ends with curl's error.
                return self.send_error(500)
            name, body = events[len(answers)]
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", name)
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 900) * 1000)))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            answers.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory:
        at = pathlib.Path(directory)
        (at / "aws").write_text(AWS.replace("/usr/bin/env python3", sys.executable))
        (at / "aws-audit").write_text(f"""#!/bin/sh
echo "$@" >> {at}/calls
case $* in *--framework*) ;; *) exit 4 ;; esac
while [ $# -gt 0 ]; do [ "$1" = --output ] && echo '{{}}' > "$2"; shift; done
exit 1
""")
        for name in ("aws", "aws-audit"):
            (at / name).chmod(0o755)
        (at / "s3").mkdir()
        environment = {"PATH": f"{at}:{os.environ['PATH']}", "S3": f"{at}/s3", "AWS_AUDIT_DESTINATION": "s3://b/lambda",
                       "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}"}
        run(ROOT / "deploy/lambda/bootstrap", env=environment, codes=(22,), cwd=at, timeout=60)
        server.shutdown()
        calls = (at / "calls").read_text().splitlines()
        # Fifteen minutes but one, less what has gone by.
        hold(re.search(r"--timeout 8[0-4]\ds .*--framework cis-6\.0$", calls[0]), calls)
        (done, told), (failed, error) = answers
        hold(done.endswith("/one/response") and told["exit"] == 1, answers)
        hold((at / "s3" / told["reports"].removeprefix("s3://") / "report.json").exists(), told)
        hold(failed.endswith("/two/error") and error["errorType"] == "Scan.4", answers)


def action(program):
    with tempfile.TemporaryDirectory() as directory:
        inputs = {"ROLE": "", "REGIONS": "", "FAIL_ON": "critical", "ARGUMENTS": "--demo", "CONFIG": "", "SUMMARY": "true",
                  "OUTPUT_DIR": f"{directory}/out", "BINARY": program, "REPOSITORY": ""}
        asked = set(re.findall(r"INPUT_(\w+):", (ROOT / "action.yml").read_text()))
        hold(asked == set(inputs), "inputs of the action", asked ^ set(inputs))
        environment = os.environ | {f"INPUT_{name}": value for name, value in inputs.items()} | {
            "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": directory, "GITHUB_OUTPUT": f"{directory}/output",
            "GITHUB_STEP_SUMMARY": f"{directory}/summary"}
        said = run("bash", ROOT / "packaging/action/run.sh", env=environment, codes=(1,))
        hold("::error title=aws-audit::There are findings at or above critical" in said, said)
        hold("exit-code=1" in pathlib.Path(directory, "output").read_text(), "output")
        hold("aws-audit" in pathlib.Path(directory, "summary").read_text(), "summary")
        hold(json.loads(pathlib.Path(directory, "out/report.sarif").read_text())["version"] == "2.1.0", "SARIF")


def main():
    templates = cloudformation()
    state_machine(templates["step-functions"])
    kubernetes()
    texts = {file: file.read_text() for file in sorted((ROOT / "deploy/terraform").glob("*/main.tf"))}
    hold(len(texts) == 2, texts.keys())
    terraform(texts)
    github()
    scripts()
    lambda_runtime()
    if len(sys.argv) > 1:
        action(sys.argv[1])
    print("templates, state machine, jobs, modules, workflows, action and scripts are as their validators want them")
    if lacking:
        print("not asked, as this machine has none:", ", ".join(lacking))


if __name__ == "__main__":
    main()
