#!/usr/bin/env python3
"""Makes what people install, from a built binary: `cargo xtask dist`.

    python3 packaging/dist.py --bin target/release/aws-audit --out target/dist

- `aws_audit-VERSION-py3-none-PLATFORM.whl`: the binary as a Python package, as ruff and zizmor ship theirs:
  `pipx run aws-audit scan --demo`
- `aws-audit-VERSION-TARGET.tar.gz`: binary, man pages, completions, systemd units, container recipe
- `aws-audit_VERSION_ARCH.deb`: the same in Debian's places (Linux with `dpkg-deb` only)
- `aws-audit-VERSION-TARGET.cdx.json`: what the binary is made of (CycloneDX)
- `SHA256SUMS`

What a binary runs on is read from the binary itself. The same binary, sources and tools give the same bytes: times are
those of the commit (`SOURCE_DATE_EPOCH`), owners root. Needs Python 3.11 and nothing else.
"""
import argparse
import base64
import csv
import datetime
import email.utils
import gzip
import hashlib
import io
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

import man
import sbom

ROOT = pathlib.Path(__file__).resolve().parent.parent
OWN = ROOT / "packaging"
MAINTAINER = "the aws-audit maintainers <aws-audit@example.invalid>"
SUMMARY = "Tells the owner of an AWS account what is dangerous in it, with read-only calls"


class Unfit(Exception):
    """Why nothing can be made of this binary."""


class Platform:
    """What a binary runs on: Rust's target, the tags of its wheel, Debian's architecture (or None)."""

    ELF = {62: ("x86_64", "amd64"), 183: ("aarch64", "arm64")}
    # Oldest systems that Rust supports (The rustc book, "*-apple-darwin").
    MACH = {0x0100_0007: ("x86_64", "macosx_10_12_x86_64"), 0x0100_000C: ("aarch64", "macosx_11_0_arm64")}

    def __init__(self, binary):
        with binary.open("rb") as file:
            head = file.read(4096)
        self.debian = self.glibc = None
        if head[:4] == b"\x7fELF":
            machine, = struct.unpack_from("<H", head, 18)
            if machine not in self.ELF:
                raise Unfit(f"{binary}: machine {machine} of ELF is not one that we ship")
            cpu, self.debian = self.ELF[machine]
            if self.has_interpreter(head):
                # The newest symbols asked for say which C library is new enough (PEP 600).
                asked = re.findall(rb"GLIBC_2\.(\d+)\0", binary.read_bytes())
                self.glibc = max(map(int, asked), default=17)
                self.target = f"{cpu}-unknown-linux-gnu"
                self.tags = [f"manylinux_2_{max(self.glibc, 17)}_{cpu}"]
            else:
                # Static: any Linux will do.
                self.target = f"{cpu}-unknown-linux-musl"
                self.tags = [f"manylinux_2_17_{cpu}", f"musllinux_1_1_{cpu}"]
        elif head[:4] == b"\xcf\xfa\xed\xfe":
            kind, = struct.unpack_from("<I", head, 4)
            cpu, tag = self.MACH[kind]
            self.target, self.tags = f"{cpu}-apple-darwin", [tag]
        elif head[:2] == b"MZ":
            self.target, self.tags = "x86_64-pc-windows-msvc", ["win_amd64"]
        else:
            raise Unfit(f"{binary} is no program of Linux, macOS or Windows")

    @staticmethod
    def has_interpreter(head):
        """Whether ELF asks for a dynamic loader (a program header of type PT_INTERP)."""
        table, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        return any(struct.unpack_from("<I", head, table + at * size)[0] == 3 for at in range(count))


class Made:
    """The files to ship: (bytes or path, mode) by where they go."""

    def __init__(self, options):
        self.options = options
        self.binary = options.bin.resolve()
        self.platform = Platform(self.binary)
        told = man.ask(self.binary, "--version").split()
        if told[0] != man.NAME:
            raise Unfit(f"{self.binary} says that it is {told[0]}")
        self.version = told[1]
        manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
        if self.version != manifest["workspace"]["package"]["version"]:
            raise Unfit(f"{self.binary} is version {self.version}, Cargo.toml is not")
        self.epoch = epoch()
        self.sha256 = digest(self.binary)
        self.pages = man.pages(self.binary, self.version, self.epoch)
        self.completions = {shell: man.ask(self.binary, "completions", shell).encode()
                            for shell in ("bash", "zsh", "fish")}
        self.name = f"aws-audit-{self.version}-{self.platform.target}"

    def timestamp(self):
        return datetime.datetime.fromtimestamp(self.epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def archive_files(self):
        files = {"aws-audit": (self.binary, 0o755)}
        files |= {f"man/man1/{name}": (text.encode(), 0o644) for name, text in self.pages.items()}
        files |= {"completions/aws-audit.bash": (self.completions["bash"], 0o644),
                  "completions/_aws-audit": (self.completions["zsh"], 0o644),
                  "completions/aws-audit.fish": (self.completions["fish"], 0o644)}
        for name in ("README.md", "README.ja.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"):
            files[name] = (ROOT / name, 0o644)
        if "linux" in self.platform.target:
            files["Containerfile"] = (OWN / "Containerfile", 0o644)
            for unit in units():
                files[f"systemd/{unit.name}"] = (unit, 0o644)
        return files

    def debian_files(self):
        share = "usr/share"
        files = {"usr/bin/aws-audit": (self.binary, 0o755)}
        for name, text in self.pages.items():
            files[f"{share}/man/man1/{name}.gz"] = (gzip.compress(text.encode(), 9, mtime=0), 0o644)
        files |= {
            f"{share}/bash-completion/completions/aws-audit": (self.completions["bash"], 0o644),
            f"{share}/zsh/vendor-completions/_aws-audit": (self.completions["zsh"], 0o644),
            f"{share}/fish/vendor_completions.d/aws-audit.fish": (self.completions["fish"], 0o644),
            f"{share}/doc/aws-audit/copyright": (OWN / "debian/copyright", 0o644),
            f"{share}/doc/aws-audit/NEWS.md.gz":
                (gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0), 0o644),
            f"{share}/doc/aws-audit/changelog.gz": (gzip.compress(self.debian_changelog(), 9, mtime=0), 0o644),
            "etc/aws-audit/aws-audit.toml": (OWN / "debian/aws-audit.toml", 0o644),
            "etc/aws-audit/environment": (OWN / "debian/environment", 0o600),
        }
        for unit in units():
            files[f"usr/lib/systemd/system/{unit.name}"] = (unit, 0o644)
        return files

    def debian_changelog(self):
        """What Debian Policy 4.4 wants; the project's own log is beside it."""
        date = email.utils.formatdate(self.epoch)
        return (f"aws-audit ({self.version}) unstable; urgency=medium\n\n  * This version: see NEWS.md.gz.\n\n"
                f" -- {MAINTAINER}  {date}\n").encode()


def units():
    return sorted((OWN / "systemd").glob("aws-audit.*"))


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content(source):
    return source if isinstance(source, bytes) else source.read_bytes()


def epoch():
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if not told:
        git = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
        told = git.stdout.strip() or "0"
    # ZIP knows no time before 1980.
    return max(int(told), 315_532_800)


def archive(made, level):
    """The archive, with everything in one directory."""
    path = made.options.out / f"{made.name}.tar.gz"
    with path.open("wb") as file, gzip.GzipFile("", "wb", level, file, mtime=made.epoch) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, (source, mode) in sorted(made.archive_files().items()):
            data = content(source)
            entry = tarfile.TarInfo(f"{made.name}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), mode, made.epoch
            entry.uname = entry.gname = "root"
            tar.addfile(entry, io.BytesIO(data))
    return path


def wheel(made, document, level):
    """The wheel (Python Packaging User Guide, "Binary distribution format", "Core metadata"): `data/scripts` holds what
    an installer puts beside `python`."""
    stem = f"aws_audit-{made.version}"
    tags = [f"py3-none-{tag}" for tag in made.platform.tags]
    path = made.options.out / f"{stem}-py3-none-{'.'.join(made.platform.tags)}.whl"
    program = "aws-audit.exe" if "windows" in made.platform.target else "aws-audit"
    metadata = "\n".join([
        "Metadata-Version: 2.4", "Name: aws-audit", f"Version: {made.version}", f"Summary: {SUMMARY}",
        "Keywords: aws,security,audit,cis,compliance", "License-Expression: MIT OR Apache-2.0",
        "License-File: LICENSE-APACHE", "License-File: LICENSE-MIT", "Requires-Python: >=3.8",
        "Classifier: Environment :: Console", "Classifier: Programming Language :: Rust",
        "Classifier: Topic :: Security", "Description-Content-Type: text/markdown", "",
        (ROOT / "README.md").read_text(),
    ])
    about = "\n".join(["Wheel-Version: 1.0", "Generator: aws-audit packaging/dist.py", "Root-Is-Purelib: false",
                       *(f"Tag: {tag}" for tag in tags), ""])
    info = f"{stem}.dist-info"
    files = {
        f"{stem}.data/scripts/{program}": (content(made.binary), 0o755),
        f"{info}/METADATA": (metadata.encode(), 0o644),
        f"{info}/WHEEL": (about.encode(), 0o644),
        f"{info}/licenses/LICENSE-APACHE": (content(ROOT / "LICENSE-APACHE"), 0o644),
        f"{info}/licenses/LICENSE-MIT": (content(ROOT / "LICENSE-MIT"), 0o644),
        # PEP 770.
        f"{info}/sboms/aws-audit.cdx.json": (document, 0o644),
    }
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for name, (data, _) in files.items():
        hashed = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow([name, f"sha256={hashed}", len(data)])
    rows.writerow([f"{info}/RECORD", "", ""])
    files[f"{info}/RECORD"] = (record.getvalue().encode(), 0o644)
    time = datetime.datetime.fromtimestamp(made.epoch, datetime.UTC).timetuple()[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as zipped:
        for name, (data, mode) in files.items():
            entry = zipfile.ZipInfo(name, time)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (0o100000 | mode) << 16
            zipped.writestr(entry, data)
    return path


def deb(made, compression):
    """The Debian package, made by dpkg-deb."""
    path = made.options.out / f"aws-audit_{made.version}_{made.platform.debian}.deb"
    # libgcc: what unwinds a Rust program that is linked dynamically.
    needs = [f"libc6 (>= 2.{made.platform.glibc})", "libgcc-s1"] if made.platform.glibc else []
    with tempfile.TemporaryDirectory(dir=made.options.out) as directory:
        tree = pathlib.Path(directory)
        tree.chmod(0o755)
        files = made.debian_files()
        sums = []
        for name, (source, mode) in sorted(files.items()):
            target = tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            data = content(source)
            target.write_bytes(data)
            target.chmod(mode)
            sums.append(f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}  {name}\n")
        size = sum(-(-(tree / name).stat().st_size // 1024) for name in files)
        fields = [
            "Package: aws-audit", f"Version: {made.version}", "Section: admin", "Priority: optional",
            f"Architecture: {made.platform.debian}", f"Maintainer: {MAINTAINER}", f"Installed-Size: {size}",
            *([f"Depends: {', '.join(needs)}"] if needs else []), "Recommends: ca-certificates",
            f"Description: {SUMMARY[0].lower()}{SUMMARY[1:]}",
            " One program without further parts: it reads an account through AWS's APIs,",
            " judges what it saw, and reports in words that lead to a fix.",
            " .",
            " aws-audit.timer runs it daily once it is enabled.",
        ]
        control = tree / "DEBIAN"
        control.mkdir()
        (control / "control").write_text("\n".join(fields) + "\n")
        (control / "conffiles").write_text("/etc/aws-audit/aws-audit.toml\n/etc/aws-audit/environment\n")
        (control / "md5sums").write_text("".join(sums))
        for script in ("postinst", "prerm", "postrm"):
            shutil.copyfile(OWN / "debian" / script, control / script)
            (control / script).chmod(0o755)
        # What mkdir made follows the umask; Debian's directories do not.
        for found in [tree, *tree.rglob("*")]:
            if found.is_dir():
                found.chmod(0o755)
        subprocess.run(["dpkg-deb", "--root-owner-group", *compression, "--build", tree, path],
                       env=os.environ | {"SOURCE_DATE_EPOCH": str(made.epoch)}, check=True,
                       stdout=subprocess.DEVNULL)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the binary")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the files go")
    parser.add_argument("--fast", action="store_true", help="compress little: for tests")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    made = Made(options)
    level = 1 if options.fast else 9

    document = sbom.text(ROOT, made.platform.target, made.sha256, made.timestamp())
    bill = options.out / f"{made.name}.cdx.json"
    bill.write_bytes(document)
    files = [wheel(made, document, level), archive(made, level), bill]
    if made.platform.debian and shutil.which("dpkg-deb"):
        files.append(deb(made, ["-Zgzip", "-z1"] if options.fast else ["-Zxz", "-z6"]))
    elif made.platform.debian:
        print("no .deb: this machine has no dpkg-deb", file=sys.stderr)

    sums = options.out / "SHA256SUMS"
    sums.write_text("".join(f"{digest(path)}  {path.name}\n" for path in sorted(files)))
    for path in [*files, sums]:
        print(f"{path.stat().st_size:>12,}  {path}")


if __name__ == "__main__":
    try:
        main()
    except (Unfit, subprocess.CalledProcessError) as error:
        sys.exit(f"dist: {error}")
