"""What the recipes share: settings from the environment, requests that wait when told to, exit codes.

Exit codes, as docs/tickets.md has them: 0 done, 10 nothing to do, 11 left alone, 75 try again later, 78 wrong settings, 1
failed. Nothing that is printed has a credential: addresses are told without their query, headers not at all.
"""

import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

DONE, FAILED, ALREADY, LEFT_ALONE, LATER, SETTINGS = 0, 1, 10, 11, 75, 78

LABEL, KEEP = "aws-audit", "aws-audit:keep"

# Seconds to wait in one process at most; aws-audit runs the recipe again after exit code 75.
PATIENCE = float(os.environ.get("AWS_AUDIT_PATIENCE", "60"))

# Seconds before something that has failed is tried again; doubled each time.
BACKOFF = float(os.environ.get("AWS_AUDIT_BACKOFF", "1"))

MARKER = re.compile(r"aws-audit:key=([0-9a-f]{32}) account=[0-9]{12} content=([0-9a-f]{16})[^\r\n]*")


class Stop(Exception):
    """Ends the work on an item with an exit code and words."""

    def __init__(self, code, words=""):
        super().__init__(words)
        self.code = code


def setting(name, default=None):
    """A setting from the environment; without a default it must be there."""
    value = os.environ.get(name, "") or default
    if value is None:
        raise Stop(SETTINGS, f"{name} is not set")
    return value


def address(name, default=None):
    """A setting that is an address: https, or http on this machine."""
    url = setting(name, default).rstrip("/")
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise Stop(SETTINGS, f"{name} must begin with https://")
    return url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the credential to another place."""

    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _wait(headers, attempt):
    """Seconds that an answer says to wait: Retry-After, or a time at which the limit ends."""
    try:
        return float(headers["Retry-After"])
    except (TypeError, ValueError):
        pass
    reset = headers.get("X-RateLimit-Reset")
    if reset and reset.isdigit():
        return max(0.0, int(reset) - time.time()) + 1
    return BACKOFF * 2**attempt


def request(method, url, headers=None, body=None, form=None, repeatable=False, is_message=False):
    """The status and the JSON (or text) of an answer. What is refused for a limit is sent again; what has failed on the way is
    sent again if it may be done twice, and otherwise left to the next run, which looks first. A message in a chat cannot be
    looked for: it fails then, rather than being said twice; and the path of a webhook is its credential."""
    place = urllib.parse.urlsplit(url)
    name = f"{method} {place.netloc}" + ("" if is_message else place.path)
    unclear = FAILED if is_message else LATER
    headers = {"Accept": "application/json", "User-Agent": "aws-audit", **(headers or {})}
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    elif form is not None:
        data = urllib.parse.urlencode(form, doseq=True).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    waited = 0.0
    for attempt in range(6):
        try:
            asked = urllib.request.Request(url, data=data, headers=headers, method=method)
            with _OPENER.open(asked, timeout=30) as answer:
                return answer.status, _content(answer.read())
        except urllib.error.HTTPError as error:
            status, told, wait = error.code, _content(error.read()), _wait(error.headers, attempt)
            if status == 429 or (status == 503 and error.headers.get("Retry-After")):
                what = "rate limited"
            elif status >= 500:
                what, wait = f"status {status}", BACKOFF * 2**attempt
                if not (repeatable or method == "GET"):
                    raise Stop(unclear, f"{name}: {what}; it may have been done") from None
            elif status in (401, 403):
                raise Stop(SETTINGS, f"{name}: status {status}: the credential is not valid, or may not do that") from None
            else:
                words = json.dumps(told, ensure_ascii=False) if not isinstance(told, str) else told
                raise Stop(FAILED, f"{name}: status {status}: {words[:300]}") from None
        except (urllib.error.URLError, OSError, ValueError) as error:
            what, wait = f"no answer ({type(error).__name__})", BACKOFF * 2**attempt
            if not (repeatable or method == "GET"):
                raise Stop(unclear, f"{name}: {what}; it may have been done") from None
        waited += wait
        if waited > PATIENCE:
            raise Stop(LATER, f"{name}: {what}")
        time.sleep(wait)
    raise Stop(LATER, f"{name}: {what}")


def _content(raw):
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def same_content(text, item):
    """Whether a ticket's text is about what the item is about."""
    found = MARKER.search(text or "")
    return bool(found) and found[2] == item["marker"]["content"]


def key_in(text):
    """The key that a ticket's text has; none where it is not ours."""
    found = MARKER.search(text or "")
    return found[1] if found else None


def marker_in(text):
    """The whole marker in a text."""
    found = MARKER.search(text or "")
    return found[0] if found else ""


def items():
    """The items on standard input, and the header where a whole plan comes."""
    header, found = {}, []
    for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
        if line.strip():
            read = json.loads(line)
            if "action" in read:
                found.append(read)
            else:
                header = read
    return header, found


def ticket(name, state, labels=(), title="", text=""):
    """A line of the list of tickets."""
    told = {"id": name, "state": state, "labels": list(labels), "title": title, "text": text}
    print(json.dumps(told, ensure_ascii=False))


def run(work):
    """Runs a recipe, and exits with what came of it."""
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        code, words = work() or (DONE, "")
    except Stop as stop:
        code, words = stop.code, str(stop)
    except KeyError as error:
        code, words = FAILED, f"the answer or the item has no {error}"
    except ValueError as error:
        code, words = FAILED, f"that is no JSON: {error}"
    if words:
        print(words, file=sys.stdout if code in (DONE, ALREADY, LEFT_ALONE) else sys.stderr)
    sys.exit(code)


def tracker(act, tickets):
    """Runs the recipe of a tracker that keeps tickets: `--list`, or an item a line."""

    def work():
        if sys.argv[1:] == ["--list"]:
            for told in tickets():
                ticket(**told)
            return DONE, ""
        _, found = items()
        outcomes = [act(item) for item in found if item["action"] != "none"]
        return outcomes[-1] if outcomes else (ALREADY, "")

    run(work)


def chat(post, most_lines):
    """Runs the recipe of a chat: one message about all items, and none about nothing."""

    def work():
        header, found = items()
        found = [item for item in found if item["action"] != "none"]
        if not found:
            return ALREADY, ""
        lang = os.environ.get("AWS_AUDIT_LANG") or header.get("lang", "en")
        post(*digest(found, lang, most_lines))
        return DONE, ""

    run(work)


WORDS = {
    "en": {"create": "new", "update": "changed", "reopen": "seen again", "close": "closed", "more": "and {} more"},
    "ja": {"create": "新規", "update": "変化", "reopen": "再検出", "close": "解消", "more": "他{}件"},
}


def digest(found, lang, most_lines):
    """A headline, and lines: worst first, as the plan has them. All text is as the account has it: escape it."""
    words = WORDS.get(lang, WORDS["en"])
    counts = {name: sum(1 for item in found if item["action"] == name) for name in ("create", "reopen", "update", "close")}
    told = ", ".join(f"{words[name]} {count}" for name, count in counts.items() if count)
    lines = [f"{words[item['action']]} · {item['severity']} · {item['title']}" for item in found[:most_lines]]
    if len(found) > most_lines:
        lines.append(words["more"].format(len(found) - most_lines))
    return f"aws-audit {found[0]['account']}: {told}", lines
