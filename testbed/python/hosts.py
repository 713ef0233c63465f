"""Sees whom a scan talks to: AWS, and nobody else.

    python3 testbed/python/hosts.py PROGRAM

Scans, with AWS's own endpoints, by way of a proxy on this machine that ends TLS with an authority of its own, notes
every host, and answers with the demo's recording. Where the machine allows it (`unshare`, root), all of this happens in a
network that has nothing but the loopback device: what would go past the proxy, names to be resolved included, cannot get
anywhere, and the scan would lack it. Needs `openssl`.
"""
import base64
import http.client
import json
import os
import pathlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
REGIONS = ["ap-northeast-1", "us-east-1"]
# AWS's: dual-stack endpoints end in api.aws (AWS General Reference, "AWS service endpoints").
OURS = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|api\.aws)$")


def normal(body):
    """As the demo compares bodies: JSON with sorted keys."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except ValueError:
        return body


def recording():
    """Answers by what tells requests apart (src/demo/mod.rs)."""
    names = {"apigatewayv2": "apigateway", "cloudwatch": "monitoring",
             "elasticloadbalancing-classic": "elasticloadbalancing", "s3control": "s3"}
    answers = {}
    for line in (ROOT / "src/demo/answers.jsonl").read_text().splitlines()[1:]:
        it = json.loads(line)
        target = it["operation"] if it["path"] == "/" and it["request"].startswith("{") else ""
        key = (names.get(it["service"], it["service"]), it["region"], it["method"], it["path"], target, normal(it["request"]))
        answers[key] = it
    return answers


def certificates(at):
    """TLS for AWS's hosts, by an authority that the scan is told to trust. A wildcard stands for one label."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=at, check=True, capture_output=True)
    names = ["*.amazonaws.com", "*.api.aws"]
    for region in (*REGIONS, "us-west-2"):
        below = ["", "s3.", "s3-control.", "ecr.", "sagemaker.", "detective."]
        names += [f"*.{part}{region}.{end}" for part in below for end in ("amazonaws.com", "api.aws")]
    (at / "leaf.ext").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=hosts.py", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-new", *key, "-subj", "/CN=aws", "-keyout", "leaf.key", "-out", "leaf.csr")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "leaf.ext",
            "-out", "leaf.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(at / "leaf.pem", at / "leaf.key")
    return context


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, tls):
        self.tls, self.answers = tls, recording()
        self.seen, self.asked, self.strange, self.answered = set(), 0, [], 0
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        proxy = self.server
        first = self.head(self.request.makefile("rb"))
        if not first or first[0] != "CONNECT":
            proxy.strange.append(f"not over TLS: {first}")
            return
        host, _, port = first[1].partition(":")
        proxy.seen.add(host)
        if port != "443":
            proxy.strange.append(first[1])
        self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            with proxy.tls.wrap_socket(self.request, server_side=True) as tls:
                stream = tls.makefile("rb")
                while (asked := self.head(stream)) is not None:
                    self.answer(tls, host, *asked, stream)
        except (OSError, ssl.SSLError):
            pass

    @staticmethod
    def head(stream):
        line = stream.readline().decode("latin-1").split()
        if len(line) < 2:
            return None
        return line[0], line[1], http.client.parse_headers(stream)

    def answer(self, tls, host, method, path, headers, stream):
        proxy = self.server
        body = stream.read(int(headers.get("content-length") or 0)).decode(errors="replace")
        proxy.asked += 1
        scope = headers.get("authorization", "").split("/")
        # A request that is not signed, or about another host than that of the connection, is not one to AWS.
        if len(scope) < 5 or headers.get("host") != host:
            proxy.strange.append(f"{method} {host}{path}: {headers.get('host')}, {headers.get('authorization', 'not signed')[:20]}")
            scope = ["", "", "", ""]
        region, service = scope[2], scope[3]
        target = headers.get("x-amz-target", "").rpartition(".")[2]
        bucket = "" if not re.match(r".+\.s3[.-]", host) else "/" + re.split(r"\.s3[.-]", host)[0]
        given = None
        for named in (path, bucket + path):
            given = given or proxy.answers.get((service, region, method, named, target, normal(body)))
        if given:
            proxy.answered += 1
            status, kind = given["status"], given["content_type"]
            data = base64.b64decode(given["body"]) if given.get("base64") else given["body"].encode()
        elif headers.get("content-type", "").startswith("application/x-amz-json") or service not in ("s3", "iam", "sts"):
            status, kind, data = 403, "application/json", b'{"__type": "AccessDeniedException", "message": "no"}'
        else:
            status, kind = 403, "application/xml"
            data = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        more = "smithy-protocol: rpc-v2-cbor\r\n" if kind == "application/cbor" else ""
        tls.sendall(f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{more}content-length: {len(data)}\r\n\r\n".encode() + data)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if not os.environ.get("HOSTS_ALONE"):
        alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, __file__, sys.argv[1]]
        possible = subprocess.run(["unshare", "--net", "sh", "-c", "ip link set lo up"], capture_output=True)
        if possible.returncode == 0:
            sys.exit(subprocess.run(alone, env=os.environ | {"HOSTS_ALONE": "1"}).returncode)
    else:
        try:
            socket.create_connection(("192.0.2.1", 443), timeout=1)
            sys.exit("hosts: this network is not alone")
        except OSError:
            pass
    with tempfile.TemporaryDirectory() as directory:
        at = pathlib.Path(directory)
        with Proxy(certificates(at)) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{proxy.server_address[1]}"
            environment = {"HOME": directory, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HTTPS_PROXY": address,
                           "HTTP_PROXY": address, "AWS_CA_BUNDLE": str(at / "ca.pem"), "AWS_REGION": REGIONS[1],
                           "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x" * 40}
            scan = subprocess.run([sys.argv[1], "scan", "--regions", ",".join(REGIONS), "--format", "json", "--timeout", "5m",
                                   "--api-budget", "20%"],
                                  env=environment, capture_output=True, text=True, timeout=420)
            proxy.shutdown()
    if scan.returncode not in (1, 3):
        sys.exit(f"hosts: the scan exited with {scan.returncode}: {scan.stderr[-2000:]}")
    report = json.loads(scan.stdout)
    foreign = sorted(host for host in proxy.seen if not OURS.match(host))
    regions = {match[0] for host in proxy.seen if (match := re.search(r"\b[a-z]{2}-[a-z]+-\d\b", host))}
    # Services with one home: the table of the AWS General Reference has them in these two.
    elsewhere = sorted(regions - {*REGIONS, "us-west-2"})
    lost = [gap["operation"] for gap in report["gaps"] if gap["kind"] == "unreachable"]
    problems = [
        (foreign, "hosts that are not AWS's"),
        (elsewhere, "regions that were not asked for"),
        (proxy.strange, "requests that are not such to AWS"),
        # What goes past the proxy finds no network. The recording is of another time, so some are denied; and a proxy
        # in Python may be too slow for some.
        (lost, "operations that the proxy was not asked for"),
        ([] if proxy.answered >= 200 else [proxy.answered], "answers from the recording, too few to tell"),
    ]
    for found, what in problems:
        if found:
            sys.exit(f"hosts: {what}: {found[:20]}")
    print(f"{proxy.asked} requests, each signed and to one of {len(proxy.seen)} hosts of AWS; nobody else was asked, "
          f"{'and nobody else could be' if os.environ.get('HOSTS_ALONE') else 'as far as the proxy sees'}")


if __name__ == "__main__":
    main()
