"""What the binary is made of, as a CycloneDX 1.6 document: from `cargo metadata` (the resolved graph for one platform)
and `Cargo.lock` (checksums).

Only what the program depends on is listed, no tests. What runs during the build and leaves nothing in the binary
(build scripts' dependencies, procedural macros) has the scope `excluded`, as the specification calls it.
"""
import json
import os
import re
import subprocess
import tomllib
import urllib.parse
import uuid

NAME = "aws-audit"


def purl(package):
    return f"pkg:cargo/{package['name']}@{urllib.parse.quote(package['version'])}"


def license_of(package):
    """The SPDX expression; crates of old write `MIT/Apache-2.0`."""
    expression = package["license"]
    if not expression:
        return {}
    return {"licenses": [{"expression": re.sub(r"\s*/\s*", " OR ", expression)}]}


def component(package, checksums, kind, scope):
    at = {"type": kind, "bom-ref": purl(package), "name": package["name"], "version": package["version"],
          "scope": scope, "purl": purl(package)} | license_of(package)
    if package["description"]:
        at["description"] = " ".join(package["description"].split())
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        at["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package["repository"]:
        at["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return at


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


def document(root, triple, sha256, timestamp):
    """The document for the binary with this SHA-256, built for this target at `root`'s `Cargo.lock`."""
    command = [os.environ.get("CARGO", "cargo"), "metadata", "--format-version", "1", "--locked",
               "--filter-platform", triple]
    metadata = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    lock = tomllib.loads((root / "Cargo.lock").read_text())
    checksums = {(it["name"], it["version"]): it.get("checksum") for it in lock["package"]}
    packages = {it["id"]: it for it in metadata["packages"]}
    nodes = {it["id"]: it for it in metadata["resolve"]["nodes"]}
    top = next(id for id in metadata["workspace_members"] if packages[id]["name"] == NAME)

    def needs(id, kinds):
        """Direct dependencies of these kinds; none of a macro's is in the binary."""
        return {it["pkg"] for it in nodes[id]["deps"] if {kind["kind"] for kind in it["dep_kinds"]} & kinds}

    def closure(start, kinds, through):
        seen, left = set(), [start]
        while left:
            id = left.pop()
            if id not in seen:
                seen.add(id)
                left += needs(id, kinds) if through(id) else []
        return seen

    linked = {id for id in closure(top, {None}, lambda id: not is_macro(packages[id])) if not is_macro(packages[id])}
    used = closure(top, {None, "build"}, lambda _: True)
    listed = sorted(used - {top}, key=lambda id: (packages[id]["name"], packages[id]["version"]))
    program = component(packages[top], checksums, "application", "required")
    program["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{purl(packages[top])}#{triple}#{sha256}')}",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "component": program,
            "properties": [{"name": "aws-audit:target", "value": triple}],
        },
        "components": [component(packages[id], checksums, "library", "required" if id in linked else "excluded")
                       for id in listed],
        "dependencies": [{"ref": purl(packages[id]),
                          "dependsOn": sorted(purl(packages[it]) for it in needs(id, {None, "build"}))}
                         for id in [top, *listed]],
    }


def text(*arguments):
    return (json.dumps(document(*arguments), indent=1, ensure_ascii=False) + "\n").encode()
