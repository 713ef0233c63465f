"""Writes ../bench/answers.jsonl: how the endpoint of `cargo xtask bench` answers each operation that aws-audit sends.
The account is described in bench_account.py in the terms of AWS's API; botocore's service descriptions tell how each
protocol writes that. A line for each operation; texts in «» are filled in when it is asked (testbed/src/bench/answers.rs).

    cargo xtask bench --operations | ~/.cache/aws-audit/venv-*/bin/python testbed/python/bench.py > testbed/bench/answers.jsonl
"""

import base64
import json
import sys
from xml.sax.saxutils import escape, quoteattr

import botocore.session

import bench_account

# As testbed/src/proxy/identify.rs names them: by what requests are signed for, but for these.
NAMES = {"S3 Control": "s3control", "ApiGatewayV2": "apigatewayv2", "CloudWatch": "cloudwatch",
         "Elastic Load Balancing": "elasticloadbalancing-classic"}
# What S3 calls the outermost element, where the model does not say.
ROOTS = {"ListBuckets": "ListAllMyBucketsResult", "GetBucketAcl": "AccessControlPolicy",
         "GetBucketVersioning": "VersioningConfiguration", "GetBucketLogging": "BucketLoggingStatus",
         "GetBucketLifecycleConfiguration": "LifecycleConfiguration"}
TYPES = {"query": "text/xml", "ec2": "text/xml;charset=UTF-8", "rest-xml": "application/xml", "json": "application/x-amz-json-1.1",
         "rest-json": "application/json", "cbor": "application/cbor"}
# Throttling errors by name, the most telling first, where an operation's model has none that is marked as one.
THROTTLES = ["ThrottlingException", "TooManyRequestsException", "ThrottledException", "Throttling", "RequestLimitExceeded",
             "TooManyRequestsFault", "RequestThrottledException", "LimitExceededFault"]
# Where the models are silent (the services' pages "Common errors"; EC2, "Error codes"; S3, "Error responses").
BY_PROTOCOL = {"ec2": (503, "RequestLimitExceeded"), "query": (400, "Throttling"), "rest-xml": (400, "Throttling"),
               "json": (400, "ThrottlingException"), "rest-json": (429, "TooManyRequestsException"),
               "cbor": (400, "ThrottlingException")}
BY_SERVICE = {"s3": (503, "SlowDown"), "s3control": (503, "SlowDown")}
TRUNCATED = {"IsTruncated", "isTruncated", "Truncated"}


class Place:
    """Where the items of lists go. Those of several kinds follow each other, which only XML can write."""

    def __init__(self, number):
        self.marks = f"«{number}»"


class Raw(str):
    """What goes into JSON as it is, without quotes."""


def is_flat(shape):
    return shape.serialization.get("flattened")


def moment(shape, value, default):
    """`-400d` as this shape writes times."""
    form = shape.serialization.get("timestampFormat", default)
    return f"«now{value}»" if form == "iso8601" else Raw(f"«epoch{value}»")


def xml(shape, value, name):
    kind = shape.type_name
    if isinstance(value, Place):
        return value.marks if is_flat(shape) else f"<{name}>{value.marks}</{name}>"
    if kind == "structure":
        attributes = "".join(
            f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {member.serialization["name"]}={quoteattr(value[key])}'
            for key, member in shape.members.items() if member.serialization.get("xmlAttribute") and key in value)
        return f"<{name}{attributes}>{members(shape, value)}</{name}>"
    if kind == "list":
        inner = shape.member.serialization.get("name", name if is_flat(shape) else "member")
        items = "".join(xml(shape.member, item, inner) for item in value)
        return items if is_flat(shape) else f"<{name}>{items}</{name}>"
    if kind == "map":
        names = [it.serialization.get("name", other) for it, other in ((shape.key, "key"), (shape.value, "value"))]
        entries = "".join(f"<entry>{xml(shape.key, key, names[0])}{xml(shape.value, item, names[1])}</entry>"
                          for key, item in value.items())
        return f"<{name}>{entries}</{name}>"
    if kind == "boolean" and isinstance(value, bool):
        value = "true" if value else "false"
    if kind == "timestamp":
        value = moment(shape, value, "iso8601")
    if kind == "blob":
        value = value if isinstance(value, str) else base64.b64encode(value).decode()
    return f"<{name}>{escape(str(value))}</{name}>"


def members(shape, value):
    unknown = value.keys() - shape.members.keys()
    assert not unknown, f"{shape.name} has no {unknown}"
    return "".join(xml(member, value[key], member.serialization.get("name", key)) for key, member in shape.members.items()
                   if key in value and not {"xmlAttribute", "location"} & member.serialization.keys())


def plain(shape, value, rest):
    kind = shape.type_name
    if isinstance(value, Place):
        return value
    if kind == "structure" and isinstance(value, dict):
        unknown = value.keys() - shape.members.keys()
        assert not unknown or getattr(shape, "is_document_type", False), f"{shape.name} has no {unknown}"
        return {member.serialization.get("name", key) if rest else key: plain(member, value[key], rest)
                for key, member in shape.members.items() if key in value and not member.serialization.get("location")}
    if kind == "list":
        return [plain(shape.member, item, rest) for item in value]
    if kind == "map":
        return {key: plain(shape.value, item, rest) for key, item in value.items()}
    if kind == "timestamp":
        return moment(shape, value, "unixTimestamp")
    return value


def json_text(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{json_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, Place):
        return f"[{value.marks}]"
    if isinstance(value, Raw):
        return value
    return json.dumps(value, ensure_ascii=False)


def cbor(value):
    if isinstance(value, str):
        return bytes([0x60 | len(value)]) + value.encode()
    if isinstance(value, list):
        return b"\x80"
    return bytes([0xa0 | len(value)]) + b"".join(cbor(key) + cbor(inner) for key, inner in value.items())


def nothing(shape):
    """What an answer has in which there is nothing: empty lists, and of the rest what the model requires."""
    made = {}
    for name, member in shape.members.items():
        kind = member.type_name
        if member.serialization.get("location"):
            continue
        if kind == "list":
            made[name] = []
        elif name in TRUNCATED:
            made[name] = False
        elif name in shape.required_members or name == shape.serialization.get("payload"):
            made[name] = (nothing(member) if kind == "structure" else {"map": {}, "string": "", "boolean": False, "timestamp": "-0d"}.get(kind, 0))
    return made


class Operation:
    # The names of botocore by those of the SDKs.
    models = None

    def __init__(self, session, sdk, name):
        models = Operation.models = Operation.models or {
            session.get_service_model(service).service_id: service for service in session.get_available_services()}
        self.model = session.get_service_model(models[sdk])
        self.operation = self.model.operation_model(name)
        self.service = NAMES.get(sdk, self.model.signing_name)
        self.shape, self.name = self.operation.output_shape, name
        self.protocol = "cbor" if sdk == "CloudWatch" else self.model.metadata["protocol"]
        self.pages = {}
        try:
            self.pages = session.get_paginator_model(models[sdk]).get_paginator(name)
        except (ValueError, botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
            pass

    def is_json(self):
        return self.protocol in ("json", "rest-json")

    def throttle(self):
        """Status and code of the answer to one request too many."""
        shapes = self.operation.error_shapes
        marked = [it for it in shapes if it.metadata.get("retryable", {}).get("throttling")]
        named = sorted((it for it in shapes if (it.metadata.get("error", {}).get("code") or it.name) in THROTTLES),
                       key=lambda it: THROTTLES.index(it.metadata.get("error", {}).get("code") or it.name))
        if self.service in BY_SERVICE or not marked + named:
            return BY_SERVICE.get(self.service) or BY_PROTOCOL[self.protocol]
        error = (marked + named)[0]
        told = error.metadata.get("error", {})
        return told.get("httpStatusCode", 400), told.get("code") or error.name

    def whole(self, data, more=""):
        """The body of an answer."""
        space = f' xmlns="{self.model.metadata.get("xmlNamespace") or f"https://{self.model.endpoint_prefix}.amazonaws.com/doc/{self.model.api_version}/"}"'
        shape, name, request = self.shape, self.name, "00000000-0000-4000-8000-000000000000"
        if self.protocol == "query":
            inside = members(shape, data) + more if shape else ""
            wrapper = shape.serialization.get("resultWrapper") if shape else None
            inside = f"<{wrapper}>{inside}</{wrapper}>" if wrapper else inside
            return f"<{name}Response{space}>{inside}<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></{name}Response>"
        if self.protocol == "ec2":
            return f"<{name}Response{space}><requestId>{request}</requestId>{members(shape, data)}{more}</{name}Response>"
        payload = shape.serialization.get("payload") if shape else None
        inner = shape.members[payload] if payload else shape
        value = data.get(payload) if payload else data
        if payload and inner.type_name in ("blob", "string"):
            return value or ""
        if self.is_json():
            text = json_text(plain(inner, value, self.protocol == "rest-json")) if inner else "{}"
            return text[:-1] + more + "}" if more else text
        if name == "GetBucketLocation":
            return f"<LocationConstraint{space}>{value['LocationConstraint']}</LocationConstraint>"
        root = ROOTS.get(name) or inner.serialization.get("name") or inner.name
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{space}>{members(inner, value)}{more}</{root}>'

    def item(self, shape, value, name):
        if self.is_json():
            return json_text(plain(shape, value, self.protocol == "rest-json"))
        return xml(shape, value, name)

    def items(self, path, items):
        """The items of the list at that path, each as text."""
        shape = self.shape
        for step in path.split("."):
            shape = shape.members[step]
            name = shape.serialization.get("name", step)
        inner = shape.member.serialization.get("name", name if is_flat(shape) else "member")
        return [self.item(shape.member, value, inner) for value in items]

    def argument(self, name):
        """How a request has this parameter: by name, or `#2` for the second segment of the path."""
        member = self.operation.input_shape.members[name]
        where = member.serialization.get("location")
        if where == "uri":
            label = member.serialization.get("name", name)
            segments = self.operation.http["requestUri"].split("?")[0].strip("/").split("/")
            return "#" + str(next(at for at, it in enumerate(segments) if it.strip("{}+") == label))
        if where == "querystring" or self.protocol == "rest-json":
            return member.serialization.get("name", name)
        if self.protocol == "ec2":
            wire = member.serialization.get("name", name)
            wire = member.serialization.get("queryName") or wire[0].upper() + wire[1:]
            return wire
        return member.serialization.get("name", name) if self.protocol == "query" and "name" in member.serialization else name

    def paging(self):
        """The parameters that name page and size, the largest size, and what leads to the next page."""
        token, size = self.pages.get("input_token"), self.pages.get("limit_key")
        out = self.pages.get("output_token")
        if not token or isinstance(token, list):
            return {}
        out = out.split(" || ")[0].split("||")[0].strip().split(".")[-1]
        shape = self.shape.members.get(out)
        if shape is None:
            return {}
        wire = shape.serialization.get("name", out) if self.protocol != "json" else out
        text = f',"{wire}":"«token»"' if self.is_json() else f"<{wire}>«token»</{wire}>"
        most = self.operation.input_shape.members[size].metadata.get("max") if size else None
        most = bench_account.MOST.get(f"{self.service}:{self.name}", most or 1000)
        return {"token": self.argument(token), "next": text, "most": min(int(most), 1000),
                **({"size": self.argument(size)} if size else {})}

    def answer(self, said):
        """An answer of bench_account.py, as a line has it."""
        made = {}
        if said.get("when"):
            # Those that begin with + are as requests have them.
            made["when"] = {key[1:] if key[0] == "+" else self.argument(key): value for key, value in said["when"].items()}
        if "about" in said:
            kind, how, name = said["about"]
            made["about"] = [kind, how, self.argument(name)]
        if "each" in said:
            made["each"] = self.argument(said["each"])
        if "bodies" in said:
            made["bodies"] = [self.body(it) for it in said["bodies"]]
            return made
        data, lists = nothing(self.shape), []
        data.update(said.get("with", {}))
        for number, (path, kind, items) in enumerate(said["lists"]):
            place = data
            *above, last = path.split(".")
            for step in above:
                place = place[step]
            if isinstance(place[last], Place):
                assert not self.is_json()
                place[last].marks += Place(number).marks
            else:
                place[last] = Place(number)
            lists.append({"of": kind, "items": self.items(path, items)})
        paging = {} if said.get("whole") else self.paging()
        body = self.whole(data, "«next»" if paging else "")
        for name in TRUNCATED:
            body = body.replace(f"<{name}>false</{name}>", f"<{name}>«more»</{name}>")
            body = body.replace(f'"{name}":false', f'"{name}":«more»')
        return {**made, "lists": lists, "body": body, **paging}

    def body(self, said):
        """A body alone, or an error: status, code, message."""
        return list(said) if isinstance(said, tuple) else [self.whole(said)]

    def line(self):
        key = f"{self.service}:{self.name}"
        answers = [self.answer(said) for said in bench_account.ANSWERS.get(key, [])]
        if not answers or "when" in answers[-1]:
            answers.append(self.empty(key))
        status, code = self.throttle()
        content_type = "application/x-amz-json-1.0" if self.model.metadata.get("jsonVersion") == "1.0" else TYPES[self.protocol]
        return {"operation": key, "sdk": self.model.service_id, "name": self.name, "type": content_type, "throttle": [status, code], "answers": answers}

    def empty(self, key):
        if self.protocol == "cbor":
            data = {name: [] for name, it in self.shape.members.items() if it.type_name == "list"}
            return {"cbor": base64.b64encode(cbor(data)).decode()}
        said = bench_account.NOTHING.get(key)
        if said is None:
            said = nothing(self.shape) if self.shape else {}
        return {"bodies": [self.body(said)]}


def main():
    session = botocore.session.get_session()
    known = set()
    print(json.dumps({"home": bench_account.HOME, "regions": bench_account.REGIONS, "kinds": bench_account.KINDS}))
    for line in sorted(set(sys.stdin.read().splitlines())):
        sdk, name = line.split("\t")[:2]
        operation = Operation(session, sdk, name)
        made = operation.line()
        known.add(made["operation"])
        print(json.dumps(made, ensure_ascii=False))
    unasked = (bench_account.ANSWERS.keys() | bench_account.NOTHING.keys() | bench_account.MOST.keys()) - known
    assert not unasked, f"no operation of aws-audit: {sorted(unasked)}"


main()
