"""Holds what `cargo xtask dist` makes against the programs that install it.

    python3 testbed/python/dist_check.py PROGRAM

Packs PROGRAM (stripped first where there is `strip`), installs the wheel into a fresh virtual environment without
network and scans the demo with it, unpacks archive and Debian package and runs what they hold, and asks the tools of
each format what they think: dpkg-deb, lintian, systemd-analyze, mandoc or groff, bash, zsh, fish, hadolint,
`cyclonedx-python-lib`. A tool that this machine lacks is named at the end as not asked.
"""
import base64
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
lacking = []


def hold(condition, *what):
    if not condition:
        sys.exit("dist_check: " + " ".join(str(part)[:2000] for part in what))


def run(*command, codes=(0,), **options):
    done = subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)
    hold(done.returncode in codes, *command, "exited", done.returncode, "\n" + done.stdout)
    return done.stdout


def have(tool):
    """Where a tool is: in PATH, or beside this Python."""
    found = shutil.which(tool) or shutil.which(tool, path=pathlib.Path(sys.executable).parent)
    if not found:
        lacking.append(tool)
    return found


def works(program):
    """It starts, knows its version, and scans its demo without credentials or network: findings, so exit code 1."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    hold(run(program, "--version", env=environment) == f"aws-audit {VERSION}\n", program, "has another version")
    scan = subprocess.run([program, "scan", "--demo", "--format", "json"], env=environment, capture_output=True)
    hold(scan.returncode == 1, program, "scan --demo exited", scan.returncode, scan.stderr)
    hold(len(json.loads(scan.stdout)["findings"]) > 100, program, "found too little")


def wheel(path, scratch):
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        info = f"aws_audit-{VERSION}.dist-info"
        rows = {name: (digest, size) for name, digest, size in
                csv.reader(io.StringIO(zipped.read(f"{info}/RECORD").decode()))}
        hold(sorted(rows) == sorted(names), "RECORD names other files than the wheel has")
        for name in names:
            data = zipped.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            hold(name == f"{info}/RECORD" or rows[name] == (f"sha256={digest}", str(len(data))), name, "in RECORD")
        told = re.findall(r"^Tag: (.*)$", zipped.read(f"{info}/WHEEL").decode(), re.M)
        tags = path.stem.removeprefix(f"aws_audit-{VERSION}-py3-none-").split(".")
        hold(told == [f"py3-none-{tag}" for tag in tags], "tags", told, "of", path.name)
    venv = scratch / "venv"
    run(sys.executable, "-m", "venv", venv)
    run(venv / "bin/python", "-m", "pip", "install", "--no-index", "--disable-pip-version-check", path)
    works(venv / "bin/aws-audit")
    shown = run(venv / "bin/python", "-m", "pip", "show", "--files", "aws-audit")
    for line in (f"Version: {VERSION}", "License-Expression: MIT OR Apache-2.0"):
        # Older pips know no license expressions.
        hold(line in shown or line.startswith("License"), line, "is not in", shown)
    run(venv / "bin/python", "-m", "pip", "uninstall", "--yes", "--disable-pip-version-check", "aws-audit")
    hold(not (venv / "bin/aws-audit").exists(), "pip left the program behind")


def pages(files):
    """Man pages: one for each command, that the formatters find no fault with."""
    hold({"aws-audit.1", "aws-audit-scan.1", "aws-audit-policy.1"} <= {file.name for file in files}, files)
    for page in files:
        text = page.read_text()
        for part in ("NAME", "SYNOPSIS", "OPTIONS"):
            hold(f".SH {part}\n" in text, page.name, "has no", part)
    if tool := have("mandoc"):
        run(tool, "-T", "lint", "-W", "warning", *files)
    if tool := have("groff"):
        for page in files:
            said = run(tool, "-ww", "-mandoc", "-z", "-Tutf8", page)
            hold(not said, page.name, said)
    scan = next(page for page in files if page.name == "aws-audit-scan.1").read_text()
    options = set(re.findall(r"^\\fB[^<\n]*?(\\-\\-(?:[a-z]|\\-)+)", scan, re.M))
    hold({r"\-\-profile", r"\-\-timeout", r"\-\-demo"} <= options, "aws-audit-scan.1 has only", options)


def completions(directory):
    run("bash", "-n", directory / "aws-audit.bash")
    offered = run("bash", "-c", f"""source '{directory / "aws-audit.bash"}'
        COMP_WORDS=(aws-audit ex); COMP_CWORD=1
        _aws__audit aws-audit ex aws-audit; echo "${{COMPREPLY[@]}}" """)
    hold(offered.split() == ["explain"], "bash offers", offered)
    for shell, file in (("zsh", "_aws-audit"), ("fish", "aws-audit.fish")):
        if tool := have(shell):
            run(tool, "-n", directory / file)


def archive(path, scratch):
    with tarfile.open(path) as tar:
        hold(all(it.uname == it.gname == "root" and it.isfile() for it in tar), "owners and kinds")
        tar.extractall(scratch / "archive", filter="data")
    tree = scratch / "archive" / path.name.removesuffix(".tar.gz")
    works(tree / "aws-audit")
    pages(sorted((tree / "man/man1").iterdir()))
    completions(tree / "completions")
    for name in ("README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "Containerfile"):
        hold((tree / name).stat().st_size > 0, name)
    if tool := have("hadolint"):
        run(tool, tree / "Containerfile")


def units(directory, program, scratch):
    """As systemd reads them, with the program where it is now."""
    tool = have("systemd-analyze")
    if not tool:
        return
    own = scratch / "units"
    own.mkdir()
    for unit in sorted(directory.iterdir()):
        (own / unit.name).write_text(unit.read_text().replace("/usr/bin/aws-audit", str(program)))
    files = sorted(own.iterdir())
    hold(len(files) == 2, files)
    # Manual pages of a package that is not installed cannot be found.
    said = run(tool, "verify", "--man=no", *files)
    hold(not said.strip(), said)
    # 0 is a unit that can do nothing, 10 one that can do everything.
    run(tool, "security", "--offline=true", "--threshold=15", own / "aws-audit.service")


def deb(path, scratch):
    tool = have("dpkg-deb")
    if not tool:
        return
    listed = run(tool, "-c", path)
    hold(all(line.split()[1] == "root/root" for line in listed.splitlines()), listed)
    hold(run(tool, "-f", path, "Version").strip() == VERSION, "version")
    tree = scratch / "deb"
    run(tool, "-x", path, tree)
    control = scratch / "control"
    run(tool, "-e", path, control)
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", control / script)
    conf = (control / "conffiles").read_text().split()
    etc = [f"/{file.relative_to(tree)}" for file in tree.glob("etc/**/*") if file.is_file()]
    hold(sorted(conf) == sorted(etc), "files of configuration", conf, etc)
    run("md5sum", "--check", "--quiet", control / "md5sums", cwd=tree)
    works(tree / "usr/bin/aws-audit")
    # Empty but for comments: a choice of nothing, and no error.
    run(tree / "usr/bin/aws-audit", "checks", "--config", tree / "etc/aws-audit/aws-audit.toml")
    units(tree / "usr/lib/systemd/system", tree / "usr/bin/aws-audit", scratch)
    if lintian := have("lintian"):
        # Debian's archive wants these; a package from elsewhere has no bug to close, and its environment may hold secrets.
        known = "initial-upload-closes-no-bugs,non-standard-file-perm,maintainer-script-calls-systemctl"
        run(lintian, "--allow-root", "--fail-on", "error,warning", "--suppress-tags", known, path)


def bill(path, binary):
    text = path.read_text()
    document = json.loads(text)
    components = {(it["name"], it["version"]): it for it in document["components"]}
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    locked = {(it["name"], it["version"]): it.get("checksum") for it in lock}
    for key, it in components.items():
        hold(key in locked, *key, "is not in Cargo.lock")
        hold([h["content"] for h in it.get("hashes", [])] == [c for c in [locked[key]] if c], *key, "hash")
        hold(it.get("licenses"), *key, "has no license")
    required = {name for (name, _), it in components.items() if it["scope"] == "required"}
    hold({"aws-audit-checks", "aws-sdk-s3", "rustls", "tokio"} <= required, "what is linked is not listed")
    hold(not {"aws-audit-testbed", "criterion", "proptest"} & {name for name, _ in components}, "tests are listed")
    hold("excluded" == components[next(key for key in components if key[0] == "serde_derive")]["scope"], "macros")
    digest = hashlib.sha256(binary.read_bytes()).hexdigest()
    hold(document["metadata"]["component"]["hashes"][0]["content"] == digest, "the SBOM is of another binary")
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        lacking.append("cyclonedx-python-lib")
    else:
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        hold(not error, "CycloneDX:", error)
    return len(required), len(components)


def main():
    hold(len(sys.argv) == 2, __doc__)
    with tempfile.TemporaryDirectory() as directory:
        scratch = pathlib.Path(directory)
        binary = scratch / "aws-audit"
        if tool := have("strip"):
            run(tool, "-o", binary, sys.argv[1])
        else:
            shutil.copy(sys.argv[1], binary)
        out = scratch / "dist"
        pack = [sys.executable, ROOT / "packaging/dist.py", "--fast", "--bin", binary, "--out"]
        # A day, so that the pages' date is not in the future and not of the commit.
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
        print(run(*pack, out, env=environment), end="")
        run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=out)
        made = {path.name.rsplit(".", 1)[-1]: path for path in out.iterdir()}
        required, listed = bill(made["json"], binary)
        wheel(made["whl"], scratch)
        archive(made["gz"], scratch)
        if "deb" in made:
            deb(made["deb"], scratch)
        run(*pack, scratch / "again", env=environment)
        again = (scratch / "again/SHA256SUMS").read_text()
        hold(again == (out / "SHA256SUMS").read_text(), "the same binary made other bytes:\n", again)
    print(f"wheel, archive, .deb and SBOM ({required} crates linked, {listed} listed) are as their tools want them; "
          "made twice, they are the same")
    if lacking:
        print("not asked, as this machine has none:", ", ".join(sorted(set(lacking))))


if __name__ == "__main__":
    main()
