#!/usr/bin/env python3
"""Tickets of aws-audit in Backlog (Nulab), API version 2.

BACKLOG_URL            https://SPACE.backlog.com, .backlog.jp or .backlogtool.com
BACKLOG_API_KEY        an API key of a member of the project
BACKLOG_PROJECT_ID     the number of the project
BACKLOG_ISSUE_TYPE_ID  the number of an issue type for these tickets alone: they are found by it
BACKLOG_FORMAT         "markdown" where the project's text formatting rule is Markdown  [text]

Rules (Nulab Developers, "Get Issue List", "Add Issue", "Update Issue"): 100 issues a page by `offset`; forms, not JSON; status 4
is closed; a comment goes with the update in one request. ("Rate limit") A 429 has `X-RateLimit-Reset`; one request at a time,
and a second between those that write.
Resolutions 1 to 4 (won't fix, invalid, duplication, cannot reproduce) are a person's decision: not opened again. A category
named `aws-audit:keep` keeps an issue as it is.
"""

import time
from urllib.parse import quote

from _common import (ALREADY, DONE, KEEP, LEFT_ALONE, address, key_in, marker_in, request, same_content, setting, tracker)

CLOSED, OPEN = 4, 1
# "Get Priority List"
PRIORITY = {"highest": 2, "high": 2, "medium": 3, "low": 4, "lowest": 4}


def call(method, path, form=None, query="", repeatable=False):
    url = f"{address('BACKLOG_URL')}/api/v2{path}?apiKey={quote(setting('BACKLOG_API_KEY'))}{query}"
    if method != "GET":
        time.sleep(float(setting("BACKLOG_PAUSE", "1")))
    return request(method, url, form=form, repeatable=repeatable)[1]


def issues():
    """Issues of the type, oldest first."""
    project, kind = int(setting("BACKLOG_PROJECT_ID")), int(setting("BACKLOG_ISSUE_TYPE_ID"))
    offset = 0
    while True:
        query = f"&projectId%5B%5D={project}&issueTypeId%5B%5D={kind}&sort=created&order=asc&count=100&offset={offset}"
        page = call("GET", "/issues", query=query)
        yield from page
        if len(page) < 100:
            return
        offset += 100


def state(issue):
    if issue["status"]["id"] != CLOSED:
        return "open"
    return "declined" if (issue.get("resolution") or {}).get("id") in (1, 2, 3, 4) else "closed"


def labels(issue):
    return [category["name"] for category in issue.get("category", [])]


def tickets():
    for issue in issues():
        text = marker_in(issue["description"])
        if text:
            yield {"name": issue["issueKey"], "state": state(issue), "labels": labels(issue), "title": issue["summary"], "text": text}


def find(item):
    found = [issue for issue in issues() if key_in(issue["description"]) == item["key"]]
    of_plan = [issue for issue in found if issue["issueKey"] == item.get("ticket")]
    still_open = [issue for issue in found if state(issue) == "open"]
    return (of_plan or still_open or found[-1:] or [None])[0]


def text(told):
    return told["markdown" if setting("BACKLOG_FORMAT", "text") == "markdown" else "text"]


def act(item):
    issue = find(item)
    is_open = issue is not None and state(issue) == "open"
    form = {"comment": text(item["comment"])} if item["comment"] else {}
    if item["body"]:
        form.update(description=text(item["body"]), priorityId=PRIORITY[item["priority"]])
    if item["action"] == "close":
        if not is_open:
            return ALREADY, ""
        if KEEP in labels(issue):
            return LEFT_ALONE, f"{issue['issueKey']} has the category {KEEP}"
        form.update(statusId=CLOSED, resolutionId=3 if item["why"] == "duplicate" else 0)
        if item["why"] == "duplicate":
            form["description"] = "aws-audit"  # Without the key: the other one is the ticket.
    elif issue is None:
        if not item["opens"]:
            return ALREADY, ""
        form.pop("comment", None)
        form.update(
            projectId=int(setting("BACKLOG_PROJECT_ID")),
            issueTypeId=int(setting("BACKLOG_ISSUE_TYPE_ID")),
            summary=item["title"],
        )
        return DONE, call("POST", "/issues", form)["issueKey"]
    elif not is_open:
        if not item["opens"]:
            return ALREADY, ""
        if state(issue) == "declined" or KEEP in labels(issue):
            return LEFT_ALONE, f"{issue['issueKey']} was closed by a decision"
        form["statusId"] = OPEN
    elif same_content(issue["description"], item):
        return ALREADY, issue["issueKey"]
    # Should the answer be lost, the next run finds the issue as it is to be: the comment is not said twice.
    call("PATCH", f"/issues/{quote(issue['issueKey'])}", form)
    return DONE, issue["issueKey"]


tracker(act, tickets)
