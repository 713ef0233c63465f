#!/usr/bin/env python3
"""The recipes, run as aws-audit runs them, against a server on this machine that keeps tickets, rate-limits and fails.

    python3 -m unittest recipes/tickets/test_recipes.py

`sample-plan.jsonl` is a plan as aws-audit writes it (a test of the crate holds it up to date).
"""

import base64
import json
import os
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).resolve().parent
SECRET = "s3cr3t-credential"
HEADER, *PLAN = [json.loads(line) for line in (HERE / "sample-plan.jsonl").read_text(encoding="utf-8").splitlines()]


def planned(action, **changes):
    """The item of the sample with that action, otherwise than it is."""
    return {**next(item for item in PLAN if item["action"] == action), **changes}


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status, headers=None):
        super().__init__(status)
        self.status, self.headers = status, headers or {}


class Server(ThreadingHTTPServer):
    """Keeps what it is sent. `faults` are what goes wrong with the next requests: a status that is answered with nothing done, or
    "done" followed by one: it is done, and the answer is lost."""

    daemon_threads = True

    def __init__(self, tracker):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tracker, self.faults, self.log = tracker, [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.server.log.append((self.command, parts.path))
        fault = self.server.faults.pop(0) if self.server.faults else None
        status, headers, told = 200, {}, ""
        try:
            if isinstance(fault, Refused):
                raise fault
            if "json" in (self.headers["Content-Type"] or ""):
                body = json.loads(body)
            else:
                body = parse_qs(body.decode(), keep_blank_values=True)
            status, told = self.server.tracker.act(self.command, parts.path, parse_qs(parts.query), body, self.headers)
            if fault == "lost":
                return self.connection.close()
            if fault == "done 502":
                raise Refused(502)
        except Refused as refused:
            status, headers, told = refused.status, refused.headers, {"message": "no"}
        raw = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_PATCH = answer


def expect(condition, status=400):
    if not condition:
        raise Refused(status)


class Jira:
    """As much of Jira as the recipe asks of it, with documents held to what Jira takes."""

    recipe = "jira.py"

    def __init__(self):
        self.issues = []

    def settings(self, url):
        return {"JIRA_URL": url, "JIRA_EMAIL": "a@b", "JIRA_TOKEN": SECRET, "JIRA_PROJECT": "SEC"}

    @staticmethod
    def document(node):
        expect(node["type"] in ("doc", "paragraph", "heading", "bulletList", "listItem", "codeBlock", "text"))
        if node["type"] == "text":
            expect(node["text"])
        for child in node.get("content", []):
            Jira.document(child)

    def act(self, method, path, _query, body, headers):
        expect(headers["Authorization"] == "Basic " + base64.b64encode(f"a@b:{SECRET}".encode()).decode(), 401)
        parts = path.removeprefix("/rest/api/3/").split("/")
        if (method, parts) == ("POST", ["search", "jql"]):
            expect(body["jql"].startswith('project = "SEC" AND labels = "'))
            label = body["jql"].split('labels = "')[1].split('"')[0]
            found = [issue for issue in self.issues if label in issue["fields"]["labels"]]
            begin = int(body.get("nextPageToken", "0"))
            page = {"issues": found[begin:begin + 2], "isLast": begin + 2 >= len(found)}
            return 200, page if page["isLast"] else {**page, "nextPageToken": str(begin + 2)}
        if (method, parts) == ("POST", ["issue"]):
            fields = body["fields"]
            expect(fields["project"] == {"key": "SEC"} and fields["issuetype"] == {"name": "Task"})
            expect(0 < len(fields["summary"]) <= 255 and "\n" not in fields["summary"])
            expect(all(" " not in label for label in fields["labels"]))
            self.document(fields["description"])
            key = f"SEC-{len(self.issues) + 1}"
            self.issues.append({"key": key, "fields": {**fields, "resolution": None}, "comments": []})
            self.set(self.issues[-1], "new")
            return 201, {"id": "1", "key": key}
        issue = next(issue for issue in self.issues if issue["key"] == parts[1])
        if method == "PUT":
            if "description" in body.get("fields", {}):
                self.document(body["fields"]["description"])
            issue["fields"].update(body.get("fields", {}))
            for change in body.get("update", {}).get("labels", []):
                (change, label), labels = next(iter(change.items())), issue["fields"]["labels"]
                issue["fields"]["labels"] = [it for it in labels if it != label] + ([label] if change == "add" else [])
            return 204, ""
        if parts[2] == "comment":
            self.document(body["body"])
            issue["comments"].append(json.dumps(body["body"]))
            return 201, {}
        if method == "GET":
            to = [("11", "To Do", "new"), ("21", "In Progress", "indeterminate"), ("31", "Done", "done")]
            return 200, {"transitions": [{"id": id, "to": {"name": name, "statusCategory": {"key": key}}} for id, name, key in to]}
        self.set(issue, {"11": "new", "21": "indeterminate", "31": "done"}[body["transition"]["id"]])
        return 204, ""

    @staticmethod
    def set(issue, category):
        issue["fields"]["status"] = {"statusCategory": {"key": category}}

    def open(self):
        return [it for it in self.issues if it["fields"]["status"]["statusCategory"]["key"] != "done" and "aws-audit" in it["fields"]["labels"]]

    def comments(self):
        return [comment for issue in self.issues for comment in issue["comments"]]

    def text(self, issue):
        return json.dumps(issue["fields"]["description"])

    def decline(self, issue):
        self.set(issue, "done")
        issue["fields"]["resolution"] = {"name": "Won't Do"}

    def keep(self, issue):
        issue["fields"]["labels"].append("aws-audit:keep")


class Backlog:
    recipe = "backlog.py"

    def __init__(self):
        self.issues = []

    def settings(self, url):
        return {"BACKLOG_URL": url, "BACKLOG_API_KEY": SECRET, "BACKLOG_PROJECT_ID": "7", "BACKLOG_ISSUE_TYPE_ID": "9", "BACKLOG_PAUSE": "0"}

    def act(self, method, path, query, body, _headers):
        expect(query["apiKey"] == [SECRET], 401)
        if method == "GET":
            expect(query["projectId[]"] == ["7"] and query["issueTypeId[]"] == ["9"] and query["count"] == ["100"])
            begin = int(query["offset"][0])
            return 200, self.issues[begin:begin + 100]
        form = {name: values[0] for name, values in body.items()}
        if method == "POST":
            expect(form["projectId"] == "7" and form["issueTypeId"] == "9" and form["summary"] and form["priorityId"] in "234")
            issue = {"issueKey": f"BLG-{len(self.issues) + 1}", "summary": form["summary"], "description": form["description"],
                     "status": {"id": 1}, "resolution": None, "category": [], "comments": []}
            self.issues.append(issue)
            return 201, issue
        issue = next(issue for issue in self.issues if path.endswith(f"/issues/{issue['issueKey']}"))
        issue["description"] = form.get("description", issue["description"])
        if "statusId" in form:
            issue["status"] = {"id": int(form["statusId"])}
        if "resolutionId" in form:
            issue["resolution"] = {"id": int(form["resolutionId"])}
        if "comment" in form:
            issue["comments"].append(form["comment"])
        return 200, issue

    def open(self):
        return [issue for issue in self.issues if issue["status"]["id"] != 4 and "aws-audit:key=" in issue["description"]]

    def comments(self):
        return [comment for issue in self.issues for comment in issue["comments"]]

    def text(self, issue):
        return issue["description"]

    def decline(self, issue):
        issue.update(status={"id": 4}, resolution={"id": 1})

    def keep(self, issue):
        issue["category"] = [{"name": "aws-audit:keep"}]


class ServiceNow:
    recipe = "servicenow.py"

    def __init__(self):
        self.issues = []

    def settings(self, url):
        return {"SERVICENOW_URL": url, "SERVICENOW_USER": "u", "SERVICENOW_PASSWORD": SECRET}

    def act(self, method, path, query, body, headers):
        expect(headers["Authorization"] == "Basic " + base64.b64encode(f"u:{SECRET}".encode()).decode(), 401)
        expect(path.startswith("/api/now/table/incident"), 404)
        if method == "GET":
            name, value = query["sysparm_query"][0].split("^")[0].split("=")
            found = [it for it in self.issues if it.get(name) == value]
            begin = int(query["sysparm_offset"][0])
            return 200, {"result": found[begin:begin + int(query["sysparm_limit"][0])]}
        expect(len(body.get("description", "")) <= 4000)
        if method == "POST":
            expect(0 < len(body["short_description"]) <= 160 and body["impact"] in (1, 2, 3))
            number = len(self.issues) + 1
            self.issues.append({"state": "1", "work_notes": "", **body, "sys_id": f"id{number}", "number": f"INC{number}", "notes": []})
            return 201, {"result": self.issues[-1]}
        issue = next(issue for issue in self.issues if path.endswith("/" + issue["sys_id"]))
        expect(issue["state"] not in ("7", "8"), 403)
        if body.get("state") == "6":
            expect(body["close_code"] and body["close_notes"])
        if "work_notes" in body:
            issue["notes"].append(body["work_notes"])
        issue.update(body)
        return 200, {"result": issue}

    def open(self):
        return [issue for issue in self.issues if issue["state"] not in ("6", "7", "8") and issue["correlation_id"]]

    def comments(self):
        return [note for issue in self.issues for note in issue["notes"]]

    def text(self, issue):
        return issue["description"]

    def decline(self, issue):
        issue["state"] = "8"

    keep = decline


class PagerDuty:
    recipe = "pagerduty.py"

    def __init__(self):
        self.alerts, self.events = {}, []

    def settings(self, url):
        return {"PAGERDUTY_ROUTING_KEY": SECRET, "PAGERDUTY_URL": url}

    def act(self, method, path, _query, body, _headers):
        expect((method, path) == ("POST", "/v2/enqueue"), 404)
        expect(body["routing_key"] == SECRET and len(body["dedup_key"]) <= 255)
        if body["event_action"] == "trigger":
            payload = body["payload"]
            expect(payload["severity"] in ("critical", "error", "warning", "info") and payload["source"])
            expect(0 < len(payload["summary"]) <= 1024)
            self.alerts[body["dedup_key"]] = payload
        else:
            expect(body["event_action"] == "resolve")
            self.alerts.pop(body["dedup_key"], None)
        self.events.append(body)
        return 202, {"status": "success", "dedup_key": body["dedup_key"]}


class Chat:
    """A room that keeps its messages."""

    def __init__(self):
        self.messages = []


class Slack(Chat):
    recipe = "slack.py"

    def settings(self, url):
        return {"SLACK_WEBHOOK_URL": f"{url}/services/{SECRET}"}

    def act(self, _method, path, _query, body, _headers):
        expect(path == f"/services/{SECRET}", 403)
        expect(body["text"] and 1 < len(body["blocks"]) <= 50)
        for block in body["blocks"]:
            text = block["text"]
            expect(0 < len(text["text"]) <= (150 if block["type"] == "header" else 3000))
            if text["type"] == "mrkdwn":
                expect(text["verbatim"] and "<" not in text["text"])
        expect("<" not in body["text"])
        self.messages.append("\n".join(block["text"]["text"] for block in body["blocks"]))
        return 200, "ok"


class Teams(Chat):
    recipe = "teams.py"

    def settings(self, url):
        return {"TEAMS_WEBHOOK_URL": f"{url}/workflows/{SECRET}?sig={SECRET}"}

    def act(self, _method, path, query, body, _headers):
        expect(path == f"/workflows/{SECRET}" and query["sig"] == [SECRET], 403)
        expect(len(json.dumps(body)) <= 28_000 and body["type"] == "message")
        [attachment] = body["attachments"]
        expect(attachment["contentType"] == "application/vnd.microsoft.card.adaptive")
        # A TextBlock would act on Markdown.
        expect(all(block["type"] == "RichTextBlock" for block in attachment["content"]["body"]))
        self.messages.append("\n".join(block["inlines"][0]["text"] for block in attachment["content"]["body"]))
        return 202, ""


class Chatwork(Chat):
    recipe = "chatwork.py"

    def settings(self, url):
        return {"CHATWORK_URL": url, "CHATWORK_TOKEN": SECRET, "CHATWORK_ROOM_ID": "12"}

    def act(self, method, path, _query, body, headers):
        expect((method, path) == ("POST", "/v2/rooms/12/messages"), 404)
        expect(headers["X-ChatWorkToken"] == SECRET, 401)
        [text] = body["body"]
        inner = text.removeprefix("[info][title]").removesuffix("[/info]").replace("[/title]", "", 1)
        expect("[" not in inner and len(text) < 40_000)
        self.messages.append(text)
        return 200, {"message_id": "1"}


class Recipes(unittest.TestCase):
    def serve(self, tracker):
        self.server = Server(tracker)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        return tracker

    def run_recipe(self, tracker, *items, arguments=(), patience="20", **settings):
        lines = "".join(json.dumps(item) + "\n" for item in items)
        environment = {"PATH": os.environ["PATH"], "AWS_AUDIT_PATIENCE": patience, "AWS_AUDIT_BACKOFF": "0.1", "PYTHONDONTWRITEBYTECODE": "1",
                       **tracker.settings(self.server.url), **settings}
        done = subprocess.run([sys.executable, HERE / tracker.recipe, *arguments], input=lines.encode(), env=environment,
                              capture_output=True, timeout=60, check=False)
        told = (done.stdout + done.stderr).decode()
        self.assertNotIn(SECRET, told)
        self.assertNotIn("Traceback", told)
        return done.returncode, told

    def code(self, *arguments, **settings):
        return self.run_recipe(*arguments, **settings)[0]


class Trackers(Recipes):
    """What holds for each tracker that keeps tickets."""

    kinds = (Jira, Backlog, ServiceNow)

    def each(self):
        for kind in self.kinds:
            with self.subTest(kind.recipe):
                yield self.serve(kind())

    def test_a_ticket_lives(self):
        for tracker in self.each():
            new = planned("create")
            self.assertEqual(self.code(tracker, new), 0)
            self.assertEqual(self.code(tracker, new), 10, "it is there already")
            self.assertEqual(len(tracker.issues), 1)
            self.assertIn(new["marker"]["key"], tracker.text(tracker.issues[0]))
            # Another text: an update with its comment, once.
            changed = planned("update")
            old = json.loads(json.dumps(changed).replace(changed["marker"]["content"], "0" * 16))
            self.assertEqual(self.code(tracker, {**old, "action": "create", "comment": None}), 0)
            self.assertEqual([self.code(tracker, changed) for _ in range(2)], [0, 10])
            self.assertEqual(len(tracker.comments()), 1)
            self.assertIn("a2", tracker.comments()[0])
            self.assertIn(changed["marker"]["content"], tracker.text(tracker.issues[1]))
            # Closed, once; opened again, the same one.
            gone = planned("close", key=new["key"])
            self.assertEqual([self.code(tracker, gone) for _ in range(2)], [0, 10])
            self.assertEqual(len(tracker.open()), 1)
            self.assertEqual(self.code(tracker, {**new, "action": "reopen"}), 0)
            self.assertEqual((len(tracker.open()), len(tracker.issues)), (2, 2))

    def test_what_may_have_been_done_is_not_done_twice(self):
        for tracker in self.each():
            new = planned("create")
            for fault in ("lost", "done 502"):
                tracker.issues.clear()
                # The look first, then what is lost.
                self.server.faults = [None, fault]
                self.assertEqual(self.code(tracker, new), 75)
                self.assertEqual(self.code(tracker, new), 10)
                self.assertEqual(len(tracker.issues), 1)

    def test_limits_are_waited_for(self):
        for tracker in self.each():
            slow = Refused(429, {"Retry-After": "0.1"})
            self.server.faults = [slow, None, slow, slow]
            self.assertEqual(self.code(tracker, planned("create")), 0)
            self.assertEqual(len(tracker.issues), 1)
            self.server.faults = [Refused(429, {"Retry-After": "3600"})]
            self.assertEqual(self.code(tracker, planned("create"), patience="5"), 75)

    def test_a_reading_is_tried_again_and_a_refusal_is_not(self):
        for tracker in self.each():
            self.server.faults = [Refused(502), Refused(500)]
            self.assertEqual(self.code(tracker, planned("create")), 0)
            self.server.faults = [Refused(401)]
            self.assertEqual(self.code(tracker, planned("create")), 78)
            self.server.faults = [Refused(302, {"Location": "http://127.0.0.1:1/"})]
            self.assertEqual(self.code(tracker, planned("create")), 1)

    def test_people_decide(self):
        for tracker in self.each():
            new = planned("create")
            self.assertEqual(self.code(tracker, new), 0)
            tracker.keep(tracker.issues[0])
            gone = planned("close", key=new["key"])
            self.assertIn(self.code(tracker, gone), (10, 11))
            tracker.decline(tracker.issues[0])
            self.assertEqual(self.code(tracker, new), 11)
            self.assertEqual((len(tracker.issues), len(tracker.open())), (1, 0))

    def test_the_list_tells_what_there_is(self):
        for tracker in self.each():
            names = [f"{at:032x}" for at in range(5)]
            new = planned("create")
            for name in names:
                item = json.loads(json.dumps(new).replace(new["key"], name))
                self.assertEqual(self.code(tracker, item), 0)
            tracker.decline(tracker.issues[1])
            code, told = self.run_recipe(tracker, arguments=["--list"])
            listed = [json.loads(line) for line in told.splitlines()]
            self.assertEqual((code, len(listed)), (0, 5))
            for name, ticket in zip(names, listed):
                self.assertIn(f"aws-audit:key={name} account=111122223333 content={new['marker']['content']}", ticket["text"])
            self.assertEqual([ticket["state"] for ticket in listed], ["open", "declined", "open", "open", "open"])
            # What the list has named is what is changed.
            gone = planned("close", key=names[2], ticket=listed[2]["id"])
            self.assertEqual(self.code(tracker, gone), 0)
            self.assertEqual(len(tracker.open()), 3)
            self.server.faults = [Refused(403)]
            self.assertEqual(self.code(tracker, arguments=["--list"]), 78)

    def test_a_duplicate_is_no_ticket_any_longer(self):
        for tracker in self.each():
            new = planned("create")
            self.assertEqual(self.code(tracker, new), 0)
            gone = planned("close", key=new["key"], why="duplicate")
            self.assertEqual(self.code(tracker, gone), 0)
            self.assertEqual(self.run_recipe(tracker, arguments=["--list"]), (0, ""))

    def test_nothing_is_opened_for_what_is_below(self):
        for tracker in self.each():
            self.assertEqual(self.code(tracker, planned("update", opens=False)), 10)
            self.assertEqual(self.code(tracker, planned("none")), 10)
            self.assertEqual(tracker.issues, [])

    def test_settings_that_are_missing_or_unsafe_are_told(self):
        for tracker in self.each():
            for name in tracker.settings(""):
                if name != "BACKLOG_PAUSE":
                    code, told = self.run_recipe(tracker, planned("create"), **{name: ""})
                    self.assertEqual(code, 78, name)
                    self.assertIn(f"{name} is not set", told)
            url = next(name for name in tracker.settings("") if name.endswith("_URL"))
            self.assertEqual(self.code(tracker, planned("create"), **{url: "http://tracker.example"}), 78)
            self.assertEqual(tracker.issues, [])


class Alerts(Recipes):
    def test_an_alert_lives(self):
        tracker = self.serve(PagerDuty())
        worst = planned("update")
        self.assertEqual([self.code(tracker, worst) for _ in range(2)], [0, 0])
        self.assertEqual(list(tracker.alerts), [f"aws-audit-{worst['key']}"])
        # One that is lost is sent again: it is the same alert.
        self.server.faults = [Refused(429, {"Retry-After": "0.1"}), Refused(503), "lost"]
        self.assertEqual((self.code(tracker, worst), len(tracker.alerts)), (0, 1))
        self.assertEqual(self.code(tracker, planned("create")), 11, "high is nothing to wake somebody for")
        self.assertEqual(self.code(tracker, planned("create"), PAGERDUTY_MIN_SEVERITY="high"), 0)
        self.assertEqual(self.code(tracker, planned("close", key=worst["key"])), 0)
        self.assertEqual(len(tracker.alerts), 1)
        self.assertEqual(self.code(tracker, worst, PAGERDUTY_ROUTING_KEY=""), 78)


class Chats(Recipes):
    def test_a_plan_is_one_message(self):
        for kind in (Slack, Teams, Chatwork):
            with self.subTest(kind.recipe):
                tracker = self.serve(kind())
                self.assertEqual(self.code(tracker, HEADER, *PLAN), 0)
                [message] = tracker.messages
                self.assertIn("aws-audit 111122223333: new 2, seen again 1, changed 1, closed 1", message)
                self.assertIn("changed · critical · critical-a is wrong", message)
                if kind is Chatwork:
                    self.assertNotIn("[To:1]", message)
                self.assertEqual(self.code(tracker, HEADER, planned("none")), 10)
                self.assertEqual(len(tracker.messages), 1)
                self.assertEqual(self.code(tracker, planned("close"), AWS_AUDIT_LANG="ja"), 0)
                self.assertIn("解消 1", tracker.messages[1])

    def test_what_is_long_is_cut(self):
        for kind in (Slack, Teams, Chatwork):
            with self.subTest(kind.recipe):
                tracker = self.serve(kind())
                many = [planned("create", title="<日[" * 80) for _ in range(500)]
                self.assertEqual(self.code(tracker, HEADER, *many), 0)
                self.assertEqual(len(tracker.messages), 1)

    def test_limits_are_waited_for_and_a_message_is_not_said_twice(self):
        for kind in (Slack, Teams, Chatwork):
            with self.subTest(kind.recipe):
                tracker = self.serve(kind())
                self.server.faults = [Refused(429, {"Retry-After": "0.1"})]
                self.assertEqual(self.code(tracker, planned("create")), 0)
                self.server.faults = ["lost"]
                code, told = self.run_recipe(tracker, planned("create"))
                self.assertEqual((code, len(tracker.messages)), (1, 2), told)
                self.server.faults = [Refused(403)]
                self.assertEqual(self.code(tracker, planned("create")), 78)


if __name__ == "__main__":
    unittest.main()
