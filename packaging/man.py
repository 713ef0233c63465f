"""Man pages made from what the program says of itself: `PROGRAM --help`, and `PROGRAM COMMAND --help` for every command
that it names, nested ones too. So they tell what this binary does, and need no second description of its options.

The layout read is clap's: headings in the first column, items indented by two (six where there is a long option only),
their descriptions behind two spaces or on deeper lines.
"""
import datetime
import os
import pathlib
import re
import subprocess
import tempfile

NAME = "aws-audit"

# What the help of a command line has no place for.
MORE = {
    (): [
        ("ENVIRONMENT", [
            ("AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID, …",
             "Credentials and settings are found as the AWS CLI finds them."),
            ("HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE", "How AWS is reached."),
            ("LC_ALL, LC_MESSAGES, LANG", "The language, unless --lang says it."),
        ]),
        ("FILES", [
            ("aws-audit.toml", "Settings, suppressions and choices of the team, in the working directory."),
            ("~/.aws/config, ~/.aws/credentials", "Profiles, as the AWS CLI reads them."),
        ]),
        ("EXAMPLES", [
            ("aws-audit scan --demo", "A small built-in account: no credentials, no network."),
            ("aws-audit scan --profile prod -o report.html -o report.json",
             "An account, as a page to open and a report for programs."),
            ("aws-audit policy --format cloudformation", "The role that a scan needs, as a template."),
            ("aws-audit explain s3-bucket-public-read", "Why it matters, and how to fix it."),
        ]),
    ],
}


class Help:
    """One page of help: `about`, `usage` (lines), `sections` as (heading, [(item, [paragraph])]), and the text at the end."""

    def __init__(self, text):
        lines = text.rstrip().split("\n")
        start = next(at for at, line in enumerate(lines) if line.startswith("Usage:"))
        self.about = " ".join(line.strip() for line in lines[:start] if line.strip())
        # A command that has commands may be used in two ways, a line each.
        after = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
        self.usage = [line.removeprefix("Usage:").strip() for line in lines[start:after]]
        self.sections, end = [], []
        item, heading = None, re.compile(r"^\S.*:$")
        for line in lines[after:]:
            indent = len(line) - len(line.lstrip())
            word = line.strip()
            if not word:
                if item:
                    item[1].append("")
                elif end:
                    end.append("")
            elif indent == 0 and heading.match(line) and not end:
                self.sections.append((word[:-1], []))
                item = None
            elif indent == 0 or not self.sections:
                end.append(word)
                item = None
            elif indent == 2 or (indent == 6 and word.startswith("--")):
                term, _, told = word.partition("  ")
                item = (term, [told.strip()] if told.strip() else [])
                self.sections[-1][1].append(item)
            elif item:
                item[1].append(word)
            else:
                end.append(word)
        self.end = " ".join(line for line in end if line)

    def items(self, heading):
        return next((items for name, items in self.sections if name == heading), [])


def ask(program, *arguments):
    """What the program prints. It is started by its own name, which its help repeats."""
    with tempfile.TemporaryDirectory() as directory:
        own = pathlib.Path(directory, NAME)
        own.symlink_to(pathlib.Path(program).resolve())
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "COLUMNS": "100", "HOME": directory}
        return subprocess.run([own, *arguments], env=environment, check=True, stdout=subprocess.PIPE,
                              encoding="utf-8").stdout


def roff(text):
    """Text without meaning to roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub("[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", text)
    return "\\&" + text if text.startswith((".", "'")) else text


def term(text):
    """An option as pages show it: its names bold, its values in italics."""
    parts = re.split(r"(<[^>]*>|\[[^\]]*\])", text)
    styled = [f"\\fI{roff(part)}\\fR" if part.startswith(("<", "[")) else f"\\fB{roff(part)}\\fR"
              for part in parts if part]
    return "".join(styled)


def paragraphs(lines):
    """Wrapped lines joined; a list of possible values stays one, a value a line."""
    joined = []
    for line in lines:
        if not line:
            joined.append("")
        elif line.startswith("- ") or not joined or not joined[-1] or line == "Possible values:":
            joined.append(line)
        else:
            joined[-1] += " " + line
    while joined and not joined[-1]:
        joined.pop()
    return joined


def described(lines):
    out, listed = [], False
    for line in paragraphs(lines):
        if line.startswith("- "):
            name, colon, told = line[2:].partition(": ")
            out += [".RS", ".TP", f"\\fB{roff(name)}\\fR" + (":" if colon else ""), roff(told.strip()), ".RE"]
            listed = True
        elif line:
            out += ([".IP"] if listed or (out and out[-1] == "") else []) + [roff(line)]
            listed = False
        else:
            out.append("")
    # A blank line is a paragraph, which `.IP` begins by itself.
    return [line for line in out if line]


def page(path, told, version, date, commands):
    title = "-".join((NAME, *path))
    out = [
        f'.\\" Made by packaging/man.py from `{" ".join((NAME, *path))} --help`.',
        f'.TH "{roff(title.upper())}" 1 "{date}" "{NAME} {version}" "User Commands"',
        ".SH NAME", f"{roff(title)} \\- {roff(told.about.rstrip('.'))}",
        ".SH SYNOPSIS", "\n.br\n".join(term(usage) for usage in told.usage),
    ]
    for heading, items in told.sections:
        shown = [(name, lines) for name, lines in items if (heading, name) != ("Commands", "help")]
        out.append(f".SH {roff(heading.upper())}")
        for name, lines in shown:
            own = f"\\fB{roff('-'.join((title, name)))}\\fR(1)" if heading == "Commands" else term(name)
            out += [".TP", own, *described(lines)]
    codes = re.search(r"Exit codes: (.*?)\.?$", told.end)
    before = told.end[:codes.start()].strip() if codes else told.end
    if before:
        out += [".SH NOTES", roff(before)]
    if codes:
        out.append(".SH EXIT STATUS")
        for code in codes[1].split("; "):
            number, meaning = code.split(" ", 1)
            out += [".TP", f"\\fB{number}\\fR", roff(meaning)]
    for heading, items in MORE.get(path, []):
        out.append(f".SH {heading}")
        for name, text in items:
            out += [".TP", f"\\fB{roff(name)}\\fR", roff(text)]
    others = [p for p in commands if p != path and (p[:-1] == path or p == path[:-1])]
    if others:
        named = [f"\\fB{roff('-'.join((NAME, *other)))}\\fR(1)" for other in others]
        out += [".SH SEE ALSO", ",\n".join(named)]
    return f"{title}.1", "\n".join(out) + "\n"


def pages(program, version, epoch):
    """The pages by file name; `epoch` is the time in seconds that they tell as their date."""
    date = datetime.datetime.fromtimestamp(epoch, datetime.UTC).date().isoformat()
    told, left = {}, [()]
    while left:
        path = left.pop(0)
        told[path] = Help(ask(program, *path, "--help"))
        left += [(*path, name) for name, _ in told[path].items("Commands") if name != "help"]
    return dict(page(path, help, version, date, list(told)) for path, help in told.items())
