#!/usr/bin/env python3
"""What has changed, as one card in Microsoft Teams (Workflows: "When a Teams webhook request is received"). Pipe a plan into it,
or run it for each item.

TEAMS_WEBHOOK_URL  the address of the workflow: a credential
AWS_AUDIT_LANG     en or ja  [the plan's]

Rules (Microsoft Learn, "Create an Incoming Webhook", "Format cards in Microsoft Teams"; Adaptive Cards, "TextRun"): Office 365
connectors are retired, workflows take Adaptive Cards; a message has 28 KB at most; more than four requests a second are
refused with 429. A TextBlock acts on Markdown, the TextRun of a RichTextBlock does not.
"""

import json

from _common import address, chat, request

MOST_BYTES = 24_000


def post(headline, lines):
    def run(text, **style):
        return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}

    body = [run(headline, weight="Bolder", size="Medium")]
    for line in lines:
        if len(json.dumps(body + [run(line)])) > MOST_BYTES:
            body.append(run("…"))
            break
        body.append(run(line))
    card = {"type": "AdaptiveCard", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "version": "1.4", "body": body}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    request("POST", address("TEAMS_WEBHOOK_URL"), body={"type": "message", "attachments": [attachment]}, is_message=True)


chat(post, 30)
