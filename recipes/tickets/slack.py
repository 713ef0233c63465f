#!/usr/bin/env python3
"""What has changed, as one message in Slack (incoming webhook). Pipe a plan into it, or run it for each item.

SLACK_WEBHOOK_URL  https://hooks.slack.com/services/…: a credential
AWS_AUDIT_LANG     en or ja  [the plan's]

Rules (Slack API, "Sending messages using incoming webhooks", "Formatting text for app surfaces", "Reference: blocks"): `&`, `<`
and `>` are escaped, which takes `<!channel>` its power; `verbatim` makes no links of what looks like one; a header has 150
characters, a section 3,000, a message 50 blocks; `text` is what notifications show. ("Rate limits") One message a second, a
429 has `Retry-After`. A webhook cannot tell what it has said: a message is not sent again when it may have arrived.
"""

from _common import address, chat, request


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def post(headline, lines):
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": headline[:150], "emoji": False}}]
    section = ""
    for line in lines + [None]:
        if line is None or len(section) + len(escape(line)) > 2900:
            if section:
                blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": section, "verbatim": True}})
            section = ""
        if line is not None:
            section += f"• {escape(line)}\n"
    request("POST", address("SLACK_WEBHOOK_URL"), body={"text": escape(headline), "blocks": blocks[:50]}, is_message=True)


chat(post, 30)
