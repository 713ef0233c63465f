#!/usr/bin/env python3
"""Alerts of aws-audit in PagerDuty (Events API v2). It keeps no tickets that could be listed: the key is the `dedup_key`.

PAGERDUTY_ROUTING_KEY   the integration key of a service ("Events API v2")
PAGERDUTY_MIN_SEVERITY  what somebody is to be woken for          [critical]
PAGERDUTY_URL           https://events.eu.pagerduty.com in the EU [https://events.pagerduty.com]

Rules (PagerDuty Developer, "Send an alert event", "Events API v2 overview"): a `trigger` with the `dedup_key` of an open alert adds
to it and opens no other, a `resolve` closes it; `dedup_key` has 255 characters at most, `summary` 1,024, an event 512 KB; 202
is success; 429 and 5xx are to be sent again.
"""

from _common import ALREADY, DONE, LEFT_ALONE, address, request, setting, tracker

SEVERITIES = ["critical", "high", "medium", "low", "info"]
LEVEL = {"critical": "critical", "high": "error", "medium": "warning", "low": "info", "info": "info"}


def act(item):
    key = f"aws-audit-{item['key']}"
    event = {"routing_key": setting("PAGERDUTY_ROUTING_KEY"), "dedup_key": key}
    if item["action"] == "close":
        event["event_action"] = "resolve"
    else:
        least = setting("PAGERDUTY_MIN_SEVERITY", "critical")
        if SEVERITIES.index(item["severity"]) > SEVERITIES.index(least):
            return LEFT_ALONE, f"below {least}"
        if not item["opens"]:
            return ALREADY, ""
        event.update(event_action="trigger", client="aws-audit", payload={
            "summary": item["title"][:1024],
            "source": f"AWS account {item['account']}",
            "severity": LEVEL[item["severity"]],
            "class": (item["checks"] or ["aws-audit"])[0],
            "component": ((item["group"] or {}).get("key") or "aws-audit")[:255],
            "custom_details": {"text": item["body"]["text"][:20000], "findings": item["findings"][:100]},
        })
    url = address("PAGERDUTY_URL", "https://events.pagerduty.com")
    # Sent twice it is one alert.
    request("POST", f"{url}/v2/enqueue", body=event, repeatable=True)
    return DONE, key


tracker(act, lambda: [])
