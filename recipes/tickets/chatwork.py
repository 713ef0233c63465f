#!/usr/bin/env python3
"""What has changed, as one message in Chatwork (API v2). Pipe a plan into it, or run it for each item.

CHATWORK_TOKEN    an API token of a member of the room
CHATWORK_ROOM_ID  the number of the room
CHATWORK_URL      [https://api.chatwork.com]
AWS_AUDIT_LANG    en or ja  [the plan's]

Rules (Chatwork developer, "POST /rooms/{room_id}/messages", "Message notation", "Rate limit"): a form with `body` and
`self_unread`; an empty body and one of more than some 65,000 bytes are refused with 400; `[To:…]`, `[info]` and the like act, so
that no `[` of a name is let through; 300 requests in five minutes, a 429 has `x-ratelimit-reset`.
"""

from _common import address, chat, request, setting


def escape(text):
    return text.replace("[", "［").replace("]", "］")


def post(headline, lines):
    text, room = "", 20_000
    for line in lines:
        text = (text + "\n" if text else "") + escape(line)
        if len(text) > room:
            text = text[:room] + "…"
            break
    body = f"[info][title]{escape(headline)}[/title]{text}[/info]"
    url = f"{address('CHATWORK_URL', 'https://api.chatwork.com')}/v2/rooms/{int(setting('CHATWORK_ROOM_ID'))}/messages"
    request("POST", url, {"X-ChatWorkToken": setting("CHATWORK_TOKEN")}, form={"body": body, "self_unread": 0}, is_message=True)


chat(post, 50)
