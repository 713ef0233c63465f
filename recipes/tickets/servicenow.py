#!/usr/bin/env python3
"""Tickets of aws-audit as incidents in ServiceNow (Table API).

SERVICENOW_URL         https://INSTANCE.service-now.com
SERVICENOW_USER        a user with the role itil and web services access, and its
SERVICENOW_PASSWORD    password; or instead of both
SERVICENOW_TOKEN       an OAuth token
SERVICENOW_TABLE       [incident]
SERVICENOW_GROUP       the sys_id of an assignment group   [none]
SERVICENOW_CLOSE_CODE  one of the instance's close codes   [Solution provided]

Rules (ServiceNow documentation, "Table API"): `sysparm_query` with `sysparm_limit` and `sysparm_offset`; `correlation_id` is the
field for another system's key; a resolved incident (state 6) can be opened again, a closed one (7) cannot, so a new one is
made; a cancelled one (8) is a person's decision. ("Inbound REST API rate limiting") A 429 has `Retry-After`.
A short description holds 160 characters, a description 4,000. A work note goes with the update in one request.
"""

import base64
import re
from urllib.parse import quote, urlencode

from _common import (ALREADY, DONE, LABEL, LEFT_ALONE, marker_in, request, same_content, setting, address, tracker)

# Impact and urgency: of both, ServiceNow makes a priority from 1 to 5. ("Incident priority")
WEIGHT = {"highest": (1, 1), "high": (1, 2), "medium": (2, 2), "low": (2, 3), "lowest": (3, 3)}
IN_PROGRESS, RESOLVED, CLOSED, CANCELLED = "2", "6", "7", "8"
FIELDS = "sys_id,number,state,short_description,description,correlation_id"


def call(method, path="", body=None, query=None, repeatable=False):
    token = setting("SERVICENOW_TOKEN", "")
    if token:
        authorization = f"Bearer {token}"
    else:
        pair = f"{setting('SERVICENOW_USER')}:{setting('SERVICENOW_PASSWORD')}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    table = quote(setting("SERVICENOW_TABLE", "incident"), safe="")
    url = f"{address('SERVICENOW_URL')}/api/now/table/{table}{path}" + (f"?{urlencode(query)}" if query else "")
    return request(method, url, {"Authorization": authorization}, body, repeatable=repeatable)[1]["result"]


def records(condition):
    """Incidents, oldest first."""
    offset = 0
    while True:
        page = call("GET", query={
            "sysparm_query": f"{condition}^ORDERBYsys_created_on",
            "sysparm_fields": FIELDS,
            "sysparm_limit": 100,
            "sysparm_offset": offset,
        })
        yield from page
        if len(page) < 100:
            return
        offset += 100


def state(record):
    return {RESOLVED: "closed", CLOSED: "closed", CANCELLED: "declined"}.get(record["state"], "open")


def tickets():
    for record in records(f"correlation_display={LABEL}"):
        if marker_in(record["description"]):
            yield {"name": record["sys_id"], "state": state(record), "title": record["short_description"],
                   "text": marker_in(record["description"])}


def find(item):
    if not re.fullmatch("[0-9a-f]{32}", item["key"]):
        raise ValueError("the key")
    found = list(records(f"correlation_id={item['key']}"))
    of_plan = [record for record in found if record["sys_id"] == item.get("ticket")]
    still_open = [record for record in found if state(record) == "open"]
    return (of_plan or still_open or found[-1:] or [None])[0]


def description(item):
    """The text within 4,000 characters, its marker whole."""
    text = item["body"]["text"].rstrip()
    marker = marker_in(text)
    if len(marker) > 1000:
        marker = " ".join(marker.split(" ")[:3])
    text = text[: text.rindex("aws-audit:key=")].rstrip()
    room = 4000 - len(marker) - 4
    return (text if len(text) <= room else text[: room - 1] + "…") + "\n\n" + marker


def act(item):
    record = find(item)
    is_open = record is not None and state(record) == "open"
    told = {"work_notes": item["comment"]["text"]} if item["comment"] else {}
    if item["body"]:
        impact, urgency = WEIGHT[item["priority"]]
        told.update(description=description(item), impact=impact, urgency=urgency)
    if item["action"] == "close":
        if not is_open:
            return ALREADY, ""
        notes = told.get("work_notes") or "aws-audit"
        told.update(state=RESOLVED, close_code=setting("SERVICENOW_CLOSE_CODE", "Solution provided"), close_notes=notes)
        if item["why"] == "duplicate":
            told.update(correlation_id="", correlation_display="")  # The other one is the ticket.
    elif record is None or record["state"] == CLOSED:
        if not item["opens"]:
            return ALREADY, ""
        told.pop("work_notes", None)
        told.update(short_description=item["title"][:160], correlation_id=item["key"], correlation_display=LABEL)
        if setting("SERVICENOW_GROUP", ""):
            told["assignment_group"] = setting("SERVICENOW_GROUP")
        return DONE, call("POST", body=told)["number"]
    elif not is_open:
        if not item["opens"]:
            return ALREADY, ""
        if state(record) == "declined":
            return LEFT_ALONE, f"{record['number']} was cancelled"
        told["state"] = IN_PROGRESS
    elif same_content(record["description"], item):
        return ALREADY, record["number"]
    # Should the answer be lost, the next run finds the incident as it is to be: the note is not said twice.
    call("PATCH", f"/{quote(record['sys_id'], safe='')}", told)
    return DONE, record["number"]


tracker(act, tickets)
