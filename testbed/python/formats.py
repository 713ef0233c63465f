"""Writes the report of the demo in each format, in both languages, and reads the files with libraries that others wrote:
each has to be well-formed, to tell the same findings as the JSON, and to have nothing in it that acts.

    python3 testbed/python/formats.py PROGRAM [--junit-xsd FILE]... [--keep DIRECTORY]

What it reads with is in formats.txt; a virtual environment is made for it where that is not installed.
"""
import argparse
import collections
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "formats.txt"

# What begins a formula in Excel, in Japanese Excel too.
FORMULA = tuple("=+-@\t\r＝＋－＠")
# Characters of a comment on GitHub; of a cell of Excel.
COMMENT, CELL = 65_536, 32_767
# What acts on a terminal, hides, or reorders: none of them is in a format for people.
HARMFUL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def environment():
    """Runs this program again with what it needs."""
    name = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    place = cache / "aws-audit" / f"formats-{name}"
    python, ready = place / "bin" / "python", place / "ready"
    if sys.prefix == str(place):
        raise SystemExit(f"formats: {place} lacks a module; remove it")
    if not ready.exists():
        venv.create(place, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
        subprocess.run(pip, check=True)
        ready.touch()
    os.execv(python, [str(python), *sys.argv])


try:
    import junitparser
    import lxml.etree
    import markdown_it
    import openpyxl
except ImportError:
    environment()


class Wrong(Exception):
    """What is wrong with a file."""


def hold(condition, what):
    if not condition:
        raise Wrong(what)


def units(text):
    """How many UTF-16 code units a text takes, as JavaScript and Excel count."""
    return len(text.encode("utf-16-le")) // 2


def ids(findings, *statuses):
    return sorted(finding["id"] for finding in findings if not statuses or finding["status"] in statuses)


def check_csv(path, report, lang):
    data = path.read_bytes()
    hold(data.startswith(b"\xef\xbb\xbf") == (lang == "ja"), "the byte order mark is for Japanese")
    text = data.decode("utf-8-sig")
    hold(text.count("\n") == text.count("\r\n") and text.endswith("\r\n"), "lines end in CRLF")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    hold(None not in {key for row in rows for key in row}, "a row is longer than the header")
    hold([row["id"] for row in rows] == [finding["id"] for finding in report["findings"]], "not the same findings")
    for row, finding in zip(rows, report["findings"]):
        hold(row["account"] == finding["resource"]["account"], "an account has changed")
        wanted = finding["resource"]["id"]
        # Control characters are written out, and so on: no id that AWS makes has them.
        hold(row["resource_id"] == wanted or not re.fullmatch(r"[\w./:][\w./:-]*", wanted), f"{wanted} has changed")
        hold(row["status"] == finding["status"] and row["severity"] == finding["severity"], "a verdict has changed")
        command = (finding["fix"] or {}).get("command") or ""
        hold(row["command"] in (command, "") or row["command"].startswith(("(", "（")), "a command has changed")
        for cell in row.values():
            hold(not cell.lstrip(' "').startswith(FORMULA), f"a formula: {cell}")
            hold(not HARMFUL.search(cell) and units(cell) <= CELL, f"what is no text of a cell: {cell!r}")
    return f"{len(rows)} rows"


def check_xlsx(path, report, lang):
    book = openpyxl.load_workbook(path)
    names = {
        "en": ["Summary", "Findings", "Suppressed", "Not judged", "Not read", "Frameworks"],
        "ja": ["概要", "検出結果", "抑制", "判定不能", "取得不能", "フレームワーク"],
    }[lang]
    if not ids(report["findings"], "suppressed"):
        names.pop(2)
    hold(book.sheetnames == names, f"the sheets are {book.sheetnames}")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                hold(cell.data_type in "sn" and not cell.hyperlink, f"{cell.coordinate} is no text and no number")
                text = cell.value if isinstance(cell.value, str) else ""
                hold(not HARMFUL.search(text) and units(text) <= CELL, f"what is no text of a cell: {text!r}")
    sheet = book[names[1]]
    header = [cell.value for cell in sheet[1]]
    column = {name: [cell.value for cell in cells[1:]] for name, cells in zip(header, sheet.columns)}
    found = column["Finding ID" if lang == "en" else "検出結果ID"]
    hold(sorted(found) == ids(report["findings"], "fail", "pass"), "not the same findings")
    hold(not any(column["Status" if lang == "en" else "対応状況"]), "the status is for the reader")
    hold(sheet.data_validations.dataValidation[0].type == "list", "there is nothing to choose from")
    hold(sheet.freeze_panes and sheet.auto_filter.ref, "the header stays in sight, and filters")
    return f"{len(found)} findings on {len(names)} sheets"


def check_markdown(path, report, lang):
    text = path.read_text(encoding="utf-8")
    hold(units(text) <= COMMENT, "longer than a comment")
    hold(not HARMFUL.search(text), "harmful characters")
    opened = 0
    tokens = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    for block in tokens:
        if block.type == "html_block":
            for line in block.content.splitlines():
                ours = r"<!-- aws-audit:[0-9]{12} -->|(<details><summary>[^<>&@]*</summary>|</details>)?"
                hold(re.fullmatch(ours, line.strip()), f"HTML: {line}")
                opened += line.startswith("<details>") - line.startswith("</details>")
        for token in block.children or []:
            hold(token.type not in ("html_inline", "image"), f"{token.type}: {token.content}")
            if token.type == "link_open":
                hold(token.attrs["href"].startswith("https://"), token.attrs["href"])
            if token.type == "text":
                active = re.search(r"@|#\d|\bGH-\d|://|\bwww\.|\b[0-9a-f]{7,40}\b", token.content, re.IGNORECASE)
                hold(not active, f"GitHub acts on: {token.content}")
    hold(opened == 0, "what is opened is closed")
    failing = collections.Counter(f["check"] for f in report["findings"] if f["status"] == "fail")
    told = [check for check in failing if f"`{check}`" in text]
    note = re.search(r"\*\*(?:他に)?(\d+)[^*]*\*\*", text[text.rfind("### "):])
    left = int(note[1]) if len(told) < len(failing) and note else 0
    hold(len(told) + left == len(failing), f"{len(told)} checks told, {left} left out, of {len(failing)}")
    return f"{units(text)} characters, {len(told)} of {len(failing)} checks"


def check_jsonl(path, report, lang):
    data = path.read_bytes()
    lines = data.split(b"\n")
    hold(lines.pop() == b"", "the last line has an end")
    scan = {
        "schema_version": report["schema_version"],
        "tool_version": report["tool"]["version"],
        "account": report["account"]["id"],
        "account_alias": report["account"]["alias"],
        "partition": report["account"]["partition"],
        "started_at": report["started_at"],
        "finished_at": report["finished_at"],
    }
    wanted = [{**scan, "region": finding["resource"]["region"], **finding} for finding in report["findings"]]
    hold([json.loads(line) for line in lines] == wanted, "not the same findings")
    hold(not HARMFUL.search(data.decode().replace("\n", "")), "harmful characters")
    return f"{len(lines)} lines"


def check_junit(path, report, lang, schemas):
    document = lxml.etree.parse(str(path))
    for schema in schemas:
        lxml.etree.XMLSchema(lxml.etree.parse(schema)).assertValid(document)
    count = collections.Counter()
    for suite in junitparser.JUnitXml.fromfile(str(path)):
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        results = [result for case in suite for result in case.result]
        kinds = collections.Counter(type(result).__name__ for result in results)
        hold(told == (len(list(suite)), kinds["Failure"], kinds["Error"], kinds["Skipped"]), f"counts of {suite.name}")
        count.update(kinds)
    statuses = collections.Counter(finding["status"] for finding in report["findings"])
    untold = sum(not gap["checks"] for gap in report["gaps"])
    hold(count["Failure"] == statuses["fail"], "failures are failures")
    hold(count["Skipped"] == statuses["suppressed"], "what is suppressed is skipped")
    hold(count["Error"] == statuses["unknown"] + untold, "what is unknown is an error")
    return f"{dict(count)}" + "".join(f", valid by {pathlib.Path(schema).name}" for schema in schemas)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--junit-xsd", action="append", default=[], help="a schema to validate JUnit XML with")
    parser.add_argument("--keep", type=pathlib.Path, help="where to leave the files")
    arguments = parser.parse_args()
    junit = lambda *file: check_junit(*file, arguments.junit_xsd)
    checks = {
        "csv": check_csv,
        "xlsx": check_xlsx,
        "md": check_markdown,
        "jsonl": check_jsonl,
        "junit.xml": junit,
    }
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        place = arguments.keep or pathlib.Path(place)
        for lang in ("en", "ja"):
            files = {ending: place / f"report.{lang}.{ending}" for ending in ["json", *checks]}
            command = [arguments.program, "scan", "--demo", "--include-passed", "--fail-on", "never", "--lang", lang]
            for path in files.values():
                command += ["--output", path]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            report = json.loads(files["json"].read_text(encoding="utf-8"))
            for ending, check in checks.items():
                try:
                    print(f"{lang} {ending:10} {check(files[ending], report, lang)}")
                except (Wrong, lxml.etree.LxmlError, ValueError, KeyError) as error:
                    print(f"{lang} {ending:10} WRONG: {error}")
                    wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
