"""Answers made from AWS's own service models, which botocore ships: valid by the model, and otherwise whatever
chance makes of them. Each ROUND is `KIND-SEED` or `KIND-SEED-VARIANT` and becomes an overlay
(`testbed/src/proxy/overlay.rs`), a directory of that name with an answer for each operation:

    ~/.cache/aws-audit/venv-*/bin/python testbed/python/models.py --to DIRECTORY ROUND... < OPERATIONS

OPERATIONS has a line for each: the service as AWS's SDKs name it, the prefix of its IAM actions, the operation's name.
Kinds of answers:

- `required`: the members that the model requires, and nothing else
- `full`: every member
- `empty`: every member, and all lists and maps empty
- `null`: every other member is null, where the protocol has such a thing, or an empty element
- `times`: every member, times in all the forms that a protocol allows
- `mixed`: every other member, now and then with a value that the model does not list
- `known`: every member, of each enumeration the value that VARIANT names; all else is the same in all variants
- `unknown`: the same answers as `known`, with values that no model lists

The texts of the items of lists have a mark in them that says of which operation and of which item they are. The
marks are printed as JSON: by round, operation and list, the mark of each item, or null where it has no text.
"""

import argparse
import base64
import json
import random
import struct
import sys
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import botocore.session

ACCOUNT = "111122223333"
REGION = "us-east-1"
# A list of pages would never end.
TOKENS = {"NextToken", "nextToken", "NextMarker", "Marker", "position", "LastEvaluatedTableName", "ContinuationToken",
          "nextPageToken", "NextContinuationToken"}
TRUNCATED = {"IsTruncated", "isTruncated", "Truncated"}
# With these, what is listed is gone already, or told with something else.
GONE = {("ListSecrets", "DeletedDate"), ("DescribeDomains", "Deleted"), ("DescribeCacheClusters", "ReplicationGroupId")}
# What S3 calls the outermost element, where the model does not say.
ROOTS = {"ListBuckets": "ListAllMyBucketsResult", "GetBucketAcl": "AccessControlPolicy",
         "GetBucketVersioning": "VersioningConfiguration", "GetBucketLogging": "BucketLoggingStatus"}
# Documents that are texts to the model.
POLICIES = ("policy", "policytext", "policydocument", "assumerolepolicydocument", "document", "accesspolicies", "resourcepolicy")
# By what a text is about, some that mean something.
WORDS = [
    (("cidr",), ["0.0.0.0/0", "10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32", "::/0"]),
    (("privateip", "publicip", "ipaddress"), ["10.0.0.5", "198.51.100.7"]),
    (("protocol", "ipprotocol"), ["tcp", "-1", "6", "udp"]),
    (("engineversion",), ["1.2", "8.0.36"]),
    (("sessionduration",), ["PT1H", "PT12H"]),
    (("creationdate", "createdat", "updatedat", "deprecationtime"), ["2024-05-06T07:08:09.000Z", "2020-01-01T00:00:00Z"]),
]


class Maker:
    """Makes the answer of one operation."""

    def __init__(self, seed, kind, variant, number, model, operation):
        self.kind, self.variant, self.model, self.operation = kind, variant, model, operation
        # The variants have one shape: what an enumeration is, is not drawn from here.
        shape = "full" if kind in ("known", "unknown", "times") else kind
        self.chance = random.Random(f"{seed} {shape} {model.service_id} {operation.name}")
        self.number = number
        self.mark = None
        self.marked = 0
        self.marks = {}
        self.within = []

    def make(self):
        shape = self.operation.output_shape
        return self.structure(shape, (), "") if shape else {}

    def present(self, shape, name, depth):
        if name in TOKENS or (self.operation.name, name) in GONE:
            return False
        if name in shape.required_members:
            return True
        if self.kind == "required" or depth > 12:
            return False
        return self.kind != "mixed" or self.chance.random() < 0.5

    def structure(self, shape, above, path):
        # What holds itself ends somewhere.
        again = above.count(shape.name)
        if again > 1 or getattr(shape, "is_document_type", False):
            return {}
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False) and names:
            names = [self.chance.choice(names)]
        made = {}
        for name in names:
            member = shape.members[name]
            if not getattr(shape, "is_tagged_union", False) and not self.present(shape, name, len(above)):
                continue
            if name in TRUNCATED:
                made[name] = False
            elif self.kind == "null" and name not in shape.required_members and self.chance.random() < 0.5:
                made[name] = None
            else:
                made[name] = self.value(member, name, (*above, shape.name), f"{path}.{name}")
        return made

    def value(self, shape, name, above, path):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, above, path)
        if kind == "list":
            return self.list(shape, name, above, path)
        if kind == "map":
            return self.map(shape, name, above, path)
        if kind == "string":
            return self.text(shape, name, path)
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind in ("integer", "long"):
            low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 2**31 - 1)
            some = [value for value in (0, 1, 22, 80, 3389, 7, 90) if low <= value <= high]
            return self.chance.choice([*some, low, high])
        if kind in ("float", "double"):
            return self.chance.choice([0.0, 1.5, 9.8, 1e10])
        if kind == "timestamp":
            return self.time()
        if kind == "blob":
            return b"/" if self.chance.random() < 0.3 else self.text_of(name).encode()
        raise ValueError(f"{path} is a {kind}")

    def list(self, shape, name, above, path):
        outermost = self.mark is None
        count = 0 if self.kind == "empty" else self.chance.choice([1, 2, 3])
        if not outermost and len(above) > 4:
            count = min(count, 1)
        items, marks = [], []
        for at in range(count):
            if not outermost:
                self.within.append(at)
            if outermost:
                self.mark = f"q{self.number}z{self.marked}z"
                self.marked += 1
                marks.append(self.mark)
            items.append(self.value(shape.member, name, above, path))
            if outermost:
                self.mark = None
            else:
                self.within.pop()
        if outermost:
            told = [sum(mark in text for text in texts(item)) for mark, item in zip(marks, items)]
            self.marks[path] = [mark if has else None for mark, has in zip(marks, told)]
        if self.kind == "null" and items and not outermost and self.chance.random() < 0.2:
            items.insert(0, None)
        return items

    def map(self, shape, name, above, path):
        if self.kind == "empty":
            return {}
        made = {}
        for _ in range(self.chance.choice([1, 2])):
            key = self.text(shape.key, name + "Key", path)
            made[key] = self.value(shape.value, name, above, path)
        return made

    def text_of(self, name):
        # What one item has several of, it has by several names.
        return f"{self.mark or 'q'}{name.lower()}" + "".join(f"y{at}" for at in self.within if at)

    def text(self, shape, name, path):
        listed = shape.metadata.get("enum")
        if listed:
            drawn = self.chance.randrange(len(listed))
            return self.enumerated(listed, drawn, path)
        lower = name.lower()
        if lower.endswith("region") or lower in ("regionname", "locationconstraint"):
            return REGION
        if lower in POLICIES:
            return json.dumps(self.policy())
        if lower.endswith("arn") or lower.endswith("arns"):
            return f"arn:aws:{self.model.signing_name}:{REGION}:{ACCOUNT}:{self.text_of(name)}"
        if lower.endswith("account") or lower.endswith("accountid") or lower == "ownerid":
            return self.chance.choice([ACCOUNT, ACCOUNT, "999988887777"])
        for ends, words in WORDS:
            if lower.endswith(ends):
                return self.chance.choice(words)
        return self.text_of(name)

    def enumerated(self, listed, drawn, path):
        if self.kind == "known":
            return listed[(drawn + self.variant) % len(listed)]
        if self.kind == "unknown" or self.kind == "mixed" and self.chance.random() < 0.2:
            return "unheard-of"
        return listed[drawn]

    def policy(self):
        principal = self.chance.choice(["*", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": "999988887777"},
                                        {"Service": "ec2.amazonaws.com"}])
        return {"Version": "2012-10-17", "Statement": [{"Effect": self.chance.choice(["Allow", "Deny"]),
                "Principal": principal, "Action": self.chance.choice(["*", "s3:GetObject", ["sts:AssumeRole"]]), "Resource": "*"}]}

    def time(self):
        if self.kind != "times":
            return self.chance.choice([0, 946_684_800, 1_700_000_000, 1_790_000_000, 1_900_000_000])
        return self.chance.choice([0, -1, 1_700_000_000, 1_700_000_000.25, 1_790_000_000.123456, 4_102_444_800,
                                   253_402_300_799, -62_135_596_800])


def texts(value):
    """All the texts in a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, (str, bytes)):
        yield value if isinstance(value, str) else value.decode()


# To the wire ----------------------------------------------------------------------------------------------


def civil(seconds):
    """Year, month, day and time of day, in UTC; Python's own stop before all that AWS can say."""
    days, rest = divmod(int(seconds // 1), 86_400)
    days += 719_468
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + era * 400 + (month <= 2)
    return year, month, day_of_year - (153 * shifted + 2) // 5 + 1, rest // 3600, rest % 3600 // 60, rest % 60


class Wire:
    """Writes a value as a protocol does."""

    def __init__(self, chance, kind):
        self.chance, self.kind = chance, kind

    def iso(self, seconds):
        text = "%04d-%02d-%02dT%02d:%02d:%02d" % civil(seconds)
        if self.kind == "times":
            digits = f"{seconds % 1:.9f}"[1:]
            forms = [digits, digits[:4]] if seconds % 1 else ["", ".0", digits]
            return text + self.chance.choice(forms) + self.chance.choice(["Z", "Z", "+00:00"])
        return text + self.chance.choice(["Z", ".000Z"])

    def http_date(self, seconds):
        year, month, day, hour, minute, second = civil(seconds)
        weekday = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")[int(seconds // 86_400) % 7]
        name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[month - 1]
        return f"{weekday}, {day:02d} {name} {year:04d} {hour:02d}:{minute:02d}:{second:02d} GMT"

    def time(self, shape, seconds, default):
        form = shape.serialization.get("timestampFormat", default)
        if form == "iso8601":
            return self.iso(seconds)
        return self.http_date(seconds) if form == "rfc822" else Number(seconds, self.chance if self.kind == "times" else None)

    # XML

    def xml_text(self, shape, value):
        if shape.type_name == "boolean":
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            text = self.time(shape, value, "iso8601")
            return text if isinstance(text, str) else str(text.seconds)
        if shape.type_name == "blob":
            return base64.b64encode(value).decode()
        return str(value)

    def xml(self, shape, value, name, out):
        kind = shape.type_name
        if value is None:
            out.append(f"<{name}/>" if kind in ("string", "list", "structure") else "")
        elif kind == "structure":
            attributes = ""
            for key, member in shape.members.items():
                if member.serialization.get("xmlAttribute") and value.get(key) is not None:
                    attributes += (' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                                   f'{member.serialization["name"]}={quoteattr(str(value[key]))}')
            out.append(f"<{name}{attributes}>")
            self.xml_members(shape, value, out)
            out.append(f"</{name}>")
        elif kind == "list":
            if shape.serialization.get("flattened"):
                for item in value:
                    self.xml(shape.member, item, shape.serialization.get("name", name), out)
            else:
                inner = shape.member.serialization.get("name", "member")
                out.append(f"<{name}>")
                for item in value:
                    self.xml(shape.member, item, inner, out)
                out.append(f"</{name}>")
        elif kind == "map":
            flat = shape.serialization.get("flattened")
            out.append("" if flat else f"<{name}>")
            for key, item in value.items():
                entry = name if flat else "entry"
                out.append(f"<{entry}>")
                self.xml(shape.key, key, shape.key.serialization.get("name", "key"), out)
                self.xml(shape.value, item, shape.value.serialization.get("name", "value"), out)
                out.append(f"</{entry}>")
            out.append("" if flat else f"</{name}>")
        else:
            out.append(f"<{name}>{escape(self.xml_text(shape, value))}</{name}>")

    def xml_members(self, shape, value, out):
        for key, member in shape.members.items():
            if key in value and not member.serialization.get("xmlAttribute") and not member.serialization.get("location"):
                self.xml(member, value[key], member.serialization.get("name", key), out)

    # JSON and CBOR

    def plain(self, shape, value, rest):
        kind = shape.type_name
        if value is None:
            return None
        if kind == "structure":
            return {member.serialization.get("name", key) if rest else key: self.plain(member, value[key], rest)
                    for key, member in shape.members.items() if key in value and not member.serialization.get("location")}
        if kind == "list":
            return [self.plain(shape.member, item, rest) for item in value]
        if kind == "map":
            return {key: self.plain(shape.value, item, rest) for key, item in value.items()}
        if kind == "timestamp":
            return self.time(shape, value, "unixTimestamp")
        return value


class Number:
    """A time in seconds, in one of the forms that a number has."""

    def __init__(self, seconds, chance):
        self.seconds = seconds
        whole = seconds == int(seconds)
        forms = [f"{int(seconds)}", f"{int(seconds)}.0", f"{seconds / 1e9!r}E9"] if whole and chance else [repr(seconds)]
        self.text = chance.choice(forms) if chance else forms[0]


def json_text(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{json_text(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, bytes):
        return json.dumps(base64.b64encode(value).decode())
    return json.dumps(value)


def cbor(value):
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        size = next(size for size in range(4) if number < 1 << (8 << size))
        return bytes([major << 5 | 24 + size]) + number.to_bytes(1 << size, "big")

    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, Number):
        return b"\xc1\xfb" + struct.pack(">d", value.seconds)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(inner) for key, inner in value.items())


def answer(model, operation, data, wire):
    """The extension of the overlay's file, and its text."""
    shape, name = operation.output_shape, operation.name
    # The SDK for Rust speaks the first of a service's protocols that it knows; botocore's file says which it
    # prefers itself.
    protocol = "cbor" if model.service_id == "CloudWatch" else model.metadata["protocol"]
    space = f' xmlns="https://{model.endpoint_prefix}.amazonaws.com/doc/{model.api_version}/"'
    out = []
    if protocol == "query":
        out.append(f"<{name}Response{space}>")
        wrapper = shape.serialization.get("resultWrapper") if shape else None
        if wrapper:
            wire.xml(shape, data, wrapper, out)
        elif shape:
            wire.xml_members(shape, data, out)
        out.append(f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{name}Response>")
        return "xml", "".join(out)
    if protocol == "ec2":
        out.append(f"<{name}Response{space}><requestId>1</requestId>")
        wire.xml_members(shape, data, out)
        out.append(f"</{name}Response>")
        return "xml", "".join(out)
    if protocol == "cbor":
        return "cbor", base64.b64encode(cbor(wire.plain(shape, data, False))).decode()
    if protocol == "json":
        return "json", json_text(wire.plain(shape, data, False))
    payload = shape.serialization.get("payload")
    inner = shape.members[payload] if payload else shape
    value = data.get(payload) if payload else data
    if payload and inner.type_name in ("blob", "string"):
        text = value.decode() if isinstance(value, bytes) else value or ""
        return ("xml" if protocol == "rest-xml" else "json"), text
    if protocol == "rest-json":
        return "json", json_text(wire.plain(inner, value or {}, True))
    root = ROOTS.get(name) or inner.serialization.get("name") or inner.name
    if name == "GetBucketLocation":
        return "xml", f"<LocationConstraint{space}>{escape(data.get('LocationConstraint') or '')}</LocationConstraint>"
    out.append(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{space}>')
    wire.xml_members(inner, value or {}, out)
    out.append(f"</{root}>")
    return "xml", "".join(out)


# Whole -----------------------------------------------------------------------------------------------------

COLUMNS = """user arn user_creation_time password_enabled password_last_used password_last_changed password_next_rotation
    mfa_active access_key_1_active access_key_1_last_rotated access_key_1_last_used_date access_key_1_last_used_region
    access_key_1_last_used_service access_key_2_active access_key_2_last_rotated access_key_2_last_used_date
    access_key_2_last_used_region access_key_2_last_used_service cert_1_active cert_1_last_rotated cert_2_active
    cert_2_last_rotated""".split()


def credential_report(chance):
    """IAM's CSV, which is a blob to the model."""
    rows = [",".join(COLUMNS)]
    for user in ("<root_account>", "one", "two"):
        arn = f"arn:aws:iam::{ACCOUNT}:" + ("root" if user[0] == "<" else f"user/{user}")
        row = [user, arn]
        for column in COLUMNS[2:]:
            if column.startswith("access_key") and column.endswith("active"):
                # One user has keys: another's would be the same ones.
                row.append("true" if user == "one" else "false")
            elif column.endswith("active") or column == "password_enabled":
                row.append(chance.choice(["true", "false"]))
            else:
                row.append(chance.choice(["N/A", "no_information", "2024-01-02T03:04:05+00:00"]))
        rows.append(",".join(row))
    return "\n".join(rows)


def prepare(maker, service, name, data):
    """What the model does not say of an answer, and without which the program cannot go on."""
    if (service, name) == ("STS", "GetCallerIdentity"):
        return {"Account": ACCOUNT, "UserId": "AIDA1", "Arn": f"arn:aws:iam::{ACCOUNT}:user/a"}
    if (service, name) == ("IAM", "GenerateCredentialReport"):
        return {"State": "COMPLETE"}
    if service == "IAM" and name == "GetAccountAuthorizationDetails" and maker.kind != "null":
        for policy in data.get("Policies") or []:
            for version in policy.get("PolicyVersionList") or []:
                if policy.get("DefaultVersionId"):
                    version["VersionId"] = policy["DefaultVersionId"]
        encode(data)
    return data


def encode(value):
    """IAM's documents are URL-encoded."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, (dict, list)):
            encode(inner)
        elif isinstance(inner, str) and inner.startswith("{"):
            value[key] = quote(inner)


def load(wanted):
    session, models = botocore.session.get_session(), {}
    for known in session.get_available_services():
        # Both are older names of services that have others.
        if known not in ("es", "sdb"):
            model = session.get_service_model(known)
            if model.metadata.get("serviceId") in wanted:
                models[model.service_id] = model
    return models


def write(operations, models, kind, seed, variant, folder):
    folder.mkdir(parents=True)
    marks = {}
    for number, (service, prefix, name) in enumerate(operations):
        model = models[service]
        operation = model.operation_model(name)
        maker = Maker(seed, kind, variant, number, model, operation)
        data = prepare(maker, service, name, maker.make())
        file = folder / f"{prefix}.{name}"
        if name == "GetCredentialReport":
            Path(f"{file}.csv").write_text(credential_report(maker.chance))
            continue
        extension, text = answer(model, operation, data, Wire(maker.chance, kind))
        Path(f"{file}.{extension}").write_text(text)
        marks[f"{prefix}:{name}"] = maker.marks
    return marks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("rounds", nargs="+")
    options = parser.parse_args()
    operations = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    models = load({service for service, *_ in operations})
    marks = {}
    for name in options.rounds:
        kind, seed, *variant = name.split("-")
        variant = int(variant[0]) if variant else 0
        marks[name] = write(operations, models, kind, int(seed), variant, options.to / name / "default")
    json.dump(marks, sys.stdout)


main()
