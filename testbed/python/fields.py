"""Holds the fields that collectors name in their source against AWS's service models, which botocore ships:

    ~/.cache/aws-audit/venv-*/bin/python testbed/python/fields.py SOURCE... < OPERATIONS

OPERATIONS has a line for each operation of the table: the service as AWS's SDKs name it, the prefix of its IAM actions,
the operation's name. Of each file the operations are looked at that it names, or the file whose module it is a part of,
and all fields that it reads of answers (`.text("VpcId")`, `("vpcSet", NEXT)`) or sets in requests
(`.with("VpcId", ...)`, `json!({"Key": ...})`) must be fields that those have, as they are written in the protocol.
"""
import re
import sys
from pathlib import Path

import botocore.session

READ = re.compile(
    r'\.(?:text|required|known|flag|number|integer|float|time|list|items|texts|words|entries|map|tag_map|get|present)\(\s*"([^"]+)"')
LACKS = re.compile(r'Lacks::(?:field|unknown)\(\s*"([^"]+)"')
EACH = re.compile(r'\.(?:each|some)\(\s*"([^"]+)",\s*"([^"]+)"')
TAGS = re.compile(r'\.tags\(\s*"([^"]+)",\s*"([^"]+)",\s*"([^"]+)"')
TOKENS = re.compile(r"const (\w+): Token\b")
TOKEN = re.compile(r'Token \{\s*sent: "([^"]+)",\s*told: "([^"]+)"')
NAMED = re.compile(r'Token::named\(\s*"([^"]+)"')
SENT = re.compile(r'\.with\(\s*"([^"]+)"')
KEY = re.compile(r'"([^"]+)":\s')
# Fields of answers that are newer than botocore's models here, with where they are documented.
NEWER = {
    "DescribePodIdentityAssociation": {"policy"},  # Amazon EKS API Reference, PodIdentityAssociation
}
OPERATION = re.compile(r"\b(?:[a-z0-9_]*_)?op::([A-Z]\w+)")


def names(service, shape, seen, is_request):
    """The names that the members below a shape have in the protocol."""
    protocol = service.metadata["protocol"]
    if shape is None or shape.name in seen:
        return set()
    seen = seen | {shape.name}
    found = set()
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            if protocol == "ec2" and is_request:
                wire = member.serialization.get("queryName", wire[0].upper() + wire[1:])
            found |= {wire} | names(service, member, seen, is_request)
    elif shape.type_name == "list":
        found |= {shape.member.serialization.get("name", "member")} | names(service, shape.member, seen, is_request)
    elif shape.type_name == "map":
        if protocol in ("query", "ec2"):
            found |= {it.serialization.get("name", of) for it, of in ((shape.key, "key"), (shape.value, "value"))}
        found |= names(service, shape.value, seen, is_request)
    return found


def text_of(path):
    """A file's source, without comments and tests."""
    source = re.sub(r"^\s*//.*$", "", Path(path).read_text(), flags=re.M)
    return source.split("#[cfg(test)]")[0]


def main():
    session = botocore.session.get_session()
    operations = {}
    for line in sys.stdin.read().splitlines():
        service, _, name = line.split("\t")
        operations.setdefault(name, set()).add(service)
    models = {}
    for known in session.get_available_services():
        model = session.get_service_model(known)
        models.setdefault(model.metadata["serviceId"], []).append(model)
    wrong = []
    looked = 0
    tokens = {"Token"}.union(*(TOKENS.findall(text_of(path)) for path in sys.argv[1:]))
    lists = re.compile(rf'\(\s*"([^"]+)",\s*(?:{"|".join(tokens)})\b')
    for path in sys.argv[1:]:
        source = text_of(path)
        if not re.search(r"\bapi::[{A-Z]", source):
            continue
        whole = Path(path).parent.with_suffix(".rs")
        asks = source + (text_of(whole) if str(whole) in sys.argv[1:] else "")
        read, sent = set(), set()
        for name in set(OPERATION.findall(asks)):
            read |= NEWER.get(name, set())
            for service in operations.get(name, ()):
                for model in models.get(service, ()):
                    if name in model.operation_names:
                        operation = model.operation_model(name)
                        read |= names(model, operation.output_shape, frozenset(), False)
                        sent |= names(model, operation.input_shape, frozenset(), True)
        for what, found in (
            (read, READ.findall(source) + lists.findall(source) + LACKS.findall(source)),
            (read, [it for several in (TAGS, EACH) for found in several.findall(source) for it in found]),
            (read, [told for _, told in TOKEN.findall(source)]),
            (sent, [of for of, _ in TOKEN.findall(source)]),
            (read | sent, NAMED.findall(source)),
            (sent, KEY.findall(source)),
            # A member of a list has its number, a structure's its name after that: Filter.1.Value.1.
            (sent, [field for it in SENT.findall(source) for field in it.split(".") if not field.isdigit()]),
        ):
            looked += len(found)
            wrong += [f"{path}: {field} is no field of what it asks" for field in found if field not in what]
    if wrong or looked < 20:
        sys.exit("\n".join(sorted(set(wrong))) or f"only {looked} fields were found")
    print(f"{looked} fields are those of the service models")


if __name__ == "__main__":
    main()
