"""Runs a script of AWS CLI commands against an endpoint, in seconds instead of minutes.

    seed.py --endpoint http://127.0.0.1:5000 --account 111122223333 accounts/good.sh

Starting the AWS CLI takes most of a second, so bash gets a function called `aws` that hands its
arguments to this process, in which one AWS CLI driver answers all of them. The script itself is plain
bash and also runs with the real command against a sandbox account. The first command that fails ends
it; standard error then names the command and its line. Prints the credentials of the account and the operations
that were called as JSON. With --pretend the commands are read and validated, and answered with nothing.
"""

import argparse
import contextlib
import io
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import types
import urllib.parse
import urllib.request
import xml.etree.ElementTree

SHIM = r"""
aws() {
  printf '%s\0' "${BASH_LINENO[0]}" "${AWS_DEFAULT_REGION:-us-east-1}" "$@" >"$SEED_PIPES/request"
  cat <"$SEED_PIPES/reply"
  local status
  read -r status <"$SEED_PIPES/status"
  return "$status"
}
export -f aws
"""


def credentials(endpoint, account):
    """Moto gives whoever assumes a role in an account credentials that belong to that account."""
    query = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
        "RoleSessionName": "testbed",
    }
    request = urllib.request.Request(
        endpoint,
        data=urllib.parse.urlencode(query).encode(),
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/sts/aws4_request, "
            "SignedHeaders=host, Signature=0",
        },
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        found = xml.etree.ElementTree.fromstring(answer.read())
    space = "{https://sts.amazonaws.com/doc/2011-06-15/}"
    return {
        "access_key_id": found.find(f".//{space}AccessKeyId").text,
        "secret_access_key": found.find(f".//{space}SecretAccessKey").text,
        "session_token": found.find(f".//{space}SessionToken").text,
    }


def stay_on_this_machine():
    """S3 Control puts the account id before the host name; no such name resolves, nor must any other."""
    resolve = socket.getaddrinfo
    socket.getaddrinfo = lambda host, *rest, **named: resolve("127.0.0.1", *rest, **named)


class Cli:
    """The AWS CLI, a fresh driver for each command (they keep state) with what is slow to make shared."""

    def __init__(self, pretend):
        import awscli.clidriver

        self.pretend = pretend
        self.operations = []
        self.create_driver = awscli.clidriver.create_clidriver
        self.loader = self.create_driver().session.get_component("data_loader")
        self.clients = {}

    def driver(self):
        driver = self.create_driver()
        driver.session.register_component("data_loader", self.loader)
        driver.session.register("before-call", self.called)
        return driver

    def called(self, model, **_):
        """The parameters are valid and made into a request, which is about to be sent. An answer keeps it from that."""
        self.operations.append(f"{model.service_model.signing_name}:{model.name}")
        return (types.SimpleNamespace(status_code=200, headers={}), {}) if self.pretend else None

    def run(self, region, command):
        if "--region" not in command:
            command = [*command, "--region", region]
        command = [*command, "--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        err = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = self.driver().main(command)
            except SystemExit as end:
                status = end.code
            except BaseException as error:  # noqa: BLE001 - whatever it is, the script must hear of it
                status = 255
                print(repr(error), file=err)
        out.flush()
        return out.buffer.getvalue(), err.getvalue(), int(status or 0)


def serve(pipes, failures, cli):
    stay_on_this_machine()
    while True:
        with open(f"{pipes}/request", "rb") as request:
            line, region, *command = request.read().decode().split("\0")[:-1]
        out, err, status = cli.run(region, command)
        if status:
            failures.append((line, command, err.strip()))
        elif err:
            sys.stderr.write(err)
        with open(f"{pipes}/status", "w", encoding="ascii") as file:
            file.write(f"{status}\n")
        with contextlib.suppress(BrokenPipeError), open(f"{pipes}/reply", "wb") as reply:
            reply.write(out)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--account", required=True)
    arguments.add_argument("--pretend", action="store_true")
    arguments.add_argument("script")
    arguments = arguments.parse_args()

    keys = credentials(arguments.endpoint, arguments.account)
    os.environ.update(
        AWS_ENDPOINT_URL=arguments.endpoint,
        AWS_ACCESS_KEY_ID=keys["access_key_id"],
        AWS_SECRET_ACCESS_KEY=keys["secret_access_key"],
        AWS_SESSION_TOKEN=keys["session_token"],
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_PAGER="",
        PYTHONWARNINGS="ignore",
        NO_PROXY="127.0.0.1",
    )
    os.environ.pop("AWS_PROFILE", None)

    failures, cli = [], Cli(arguments.pretend)
    with tempfile.TemporaryDirectory(prefix="aws-audit-seed-") as pipes:
        os.mkfifo(f"{pipes}/request")
        os.mkfifo(f"{pipes}/reply")
        threading.Thread(target=serve, args=(pipes, failures, cli), daemon=True).start()
        # The shim is sourced through BASH_ENV: the script's own lines keep their numbers.
        with open(f"{pipes}/shim", "w", encoding="ascii") as file:
            file.write(SHIM)
        status = subprocess.run(
            ["bash", "-euo", "pipefail", arguments.script],
            env={**os.environ, "SEED_PIPES": pipes, "BASH_ENV": f"{pipes}/shim"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode
    if status:
        where = arguments.script
        for line, command, err in failures[-1:]:
            print(f"{where}:{line}: aws {shlex.join(command)}\n{err}", file=sys.stderr)
        if not failures:
            print(f"{where}: ended with exit code {status}", file=sys.stderr)
        return 1
    json.dump({**keys, "operations": cli.operations}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
