#!/usr/bin/env python3
"""Tickets of aws-audit in Jira Cloud (REST API v3).

JIRA_URL          https://SITE.atlassian.net
JIRA_EMAIL        the account that the token is of
JIRA_TOKEN        an API token: "Browse projects", "Create issues", "Edit issues", "Transition issues", "Add comments"
JIRA_PROJECT      the project's key
JIRA_ISSUE_TYPE   the name of an issue type                       [Task]
JIRA_DONE         the status that closes an issue                 [the first one that is "done"]
JIRA_OPEN         the status that an issue is opened again with   [the first one that is not]
JIRA_DECLINED     resolutions that mean that it will not be done  [Won't Do,Won't Fix,Duplicate,Declined]
JIRA_PRIORITY     "no" where the project has no priorities        [yes]

Rules (Atlassian Developer, "The Jira Cloud platform REST API", version 3): descriptions and comments are Atlassian documents;
`search/jql` is paged by `nextPageToken` and gives nothing but ids unless fields are named ("Issue search"); transitions have
other ids in each workflow ("Get transitions"); a 429 has `Retry-After`, and writes go one after the other ("Rate limiting").
The search lags behind a moment, so an issue is found by its label, and what may have been made is looked for 15 seconds later.
"""

import base64
import json

from _common import (ALREADY, DONE, FAILED, KEEP, LABEL, LEFT_ALONE, Stop, address, key_in, marker_in, request, same_content,
                     setting, tracker)

URGENCY = {"highest": "Highest", "high": "High", "medium": "Medium", "low": "Low", "lowest": "Lowest"}


def call(method, path, body=None, repeatable=False):
    token = base64.b64encode(f"{setting('JIRA_EMAIL')}:{setting('JIRA_TOKEN')}".encode()).decode()
    url = f"{address('JIRA_URL')}/rest/api/3{path}"
    return request(method, url, {"Authorization": f"Basic {token}"}, body, repeatable=repeatable)[1]


def texts(node):
    """All text of a document."""
    if isinstance(node, dict):
        return node.get("text", "") + "\n" + "".join(texts(child) for child in node.get("content", []))
    return ""


def search(condition):
    """Issues of the project, oldest first."""
    project = setting("JIRA_PROJECT").replace('"', "")
    asked = {
        "jql": f'project = "{project}" AND {condition} ORDER BY created ASC',
        "fields": ["labels", "status", "resolution", "summary", "description"],
        "maxResults": 100,
    }
    while True:
        page = call("POST", "/search/jql", asked, repeatable=True)
        yield from page.get("issues", [])
        if page.get("isLast", True) or not page.get("nextPageToken"):
            return
        asked["nextPageToken"] = page["nextPageToken"]


def state(issue):
    fields = issue["fields"]
    if fields["status"]["statusCategory"]["key"] != "done":
        return "open"
    declined = setting("JIRA_DECLINED", "Won't Do,Won't Fix,Duplicate,Declined").split(",")
    return "declined" if (fields.get("resolution") or {}).get("name") in declined else "closed"


def tickets():
    for issue in search(f'labels = "{LABEL}"'):
        fields = issue["fields"]
        text = marker_in(texts(fields.get("description")))
        yield {"name": issue["key"], "state": state(issue), "labels": fields["labels"], "title": fields["summary"], "text": text}


def label(item):
    return f"{LABEL}-{item['key'][:16]}"


def find(item):
    """The issue of the item: the open one, else the last one."""
    found = [it for it in search(f'labels = "{label(item)}"') if key_in(texts(it["fields"].get("description"))) == item["key"]]
    of_plan = [it for it in found if it["key"] == item.get("ticket")]
    still_open = [it for it in found if state(it) == "open"]
    return (of_plan or still_open or found[-1:] or [None])[0]


def fields(item):
    told = {"summary": item["title"][:255], "description": item["body"]["adf"]}
    if setting("JIRA_PRIORITY", "yes") != "no":
        told["priority"] = {"name": URGENCY[item["priority"]]}
    return told


def move(issue, is_done, wanted):
    """Takes the transition to a status, by name or to the first one that fits."""
    offered = call("GET", f"/issue/{issue['key']}/transitions")["transitions"]
    fits = [it for it in offered if (it["to"]["statusCategory"]["key"] == "done") == is_done]
    fits = [it for it in fits if it["to"]["name"] == wanted] if wanted else fits
    if not fits:
        raise Stop(FAILED, f"{issue['key']}: its workflow offers no such transition")
    call("POST", f"/issue/{issue['key']}/transitions", {"transition": {"id": fits[0]["id"]}})


def comment(issue, item):
    if item["comment"]:
        call("POST", f"/issue/{issue['key']}/comment", {"body": item["comment"]["adf"]})


def edit(issue, item):
    old = [it for it in issue["fields"]["labels"] if it.startswith(f"{LABEL}:") and it != KEEP and it not in item["labels"]]
    labels = [{"remove": it} for it in old] + [{"add": it} for it in item["labels"]]
    told = {name: value for name, value in fields(item).items() if name != "summary"}  # People name it as they like.
    call("PUT", f"/issue/{issue['key']}", {"fields": told, "update": {"labels": labels}}, repeatable=True)


def act(item):
    issue = find(item)
    is_open = issue is not None and state(issue) == "open"
    if item["action"] == "close":
        if not is_open:
            return ALREADY, ""
        if KEEP in issue["fields"]["labels"]:
            return LEFT_ALONE, f"{issue['key']} is labelled {KEEP}"
        move(issue, True, setting("JIRA_DONE", ""))
        if item["why"] == "duplicate":
            call("PUT", f"/issue/{issue['key']}", {"update": {"labels": [{"remove": LABEL}, {"remove": label(item)}]}}, repeatable=True)
        comment(issue, item)
        return DONE, issue["key"]
    if issue is None:
        if not item["opens"]:
            return ALREADY, ""
        told = {
            **fields(item),
            "project": {"key": setting("JIRA_PROJECT")},
            "issuetype": {"name": setting("JIRA_ISSUE_TYPE", "Task")},
            "labels": item["labels"] + [label(item)],
        }
        return DONE, call("POST", "/issue", {"fields": told})["key"]
    if not is_open:
        if not item["opens"]:
            return ALREADY, ""
        if state(issue) == "declined" or KEEP in issue["fields"]["labels"]:
            return LEFT_ALONE, f"{issue['key']} was closed by a decision"
        move(issue, False, setting("JIRA_OPEN", ""))
    elif same_content(json.dumps(issue["fields"].get("description")), item):
        return ALREADY, issue["key"]
    edit(issue, item)
    comment(issue, item)
    return DONE, issue["key"]


tracker(act, tickets)
