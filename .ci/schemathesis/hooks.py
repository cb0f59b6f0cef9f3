"""What schemathesis has to be told about this service beside its configuration."""

import json
import os
import random
import re
import uuid

import schemathesis

KNOWN_COMPLAINTS = os.environ["REDRESS_TEST_COMPLAINTS"].split()
STRONG_TAG = re.compile(r'"(0|[1-9][0-9]{0,14})"')
REASONS_FOR_NOW = ("not_yet_visible", "busy")
chance = random.Random(1)


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """Text is a body as it is; anything else is one line."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """A few time zones stand for the four hundred, each of which would be tried in each field of each command."""
    zone = raw_schema["components"]["schemas"]["Moment"]["oneOf"][1]["properties"]["zone"]
    zone["enum"] = [name for name in zone["enum"] if name in ("UTC", "Asia/Shanghai", "Europe/London")]


@schemathesis.hook
def before_call(_context, case, **_kwargs):
    """
    Sends most commands to a complaint that is there, under a key of their own, and without a tag that could not match:
    else nearly all would be refused before anybody looks at the rest. What is wrong on purpose stays as it is.
    """
    wrong = wrong_on_purpose(case)
    if "path" not in wrong and "/complaints/{id}" in case.path and chance.random() < 0.8:
        case.path_parameters["id"] = chance.choice(KNOWN_COMPLAINTS)
    if wrong != {"header"} and case.headers is not None:
        if "Idempotency-Key" in case.headers and chance.random() < 0.9:
            case.headers["Idempotency-Key"] = str(uuid.UUID(int=chance.getrandbits(128)))
        tag = case.headers.get("If-Match")
        if tag is not None and (not STRONG_TAG.fullmatch(tag) or chance.random() < 0.9):
            del case.headers["If-Match"]


def wrong_on_purpose(case):
    """The places of the request that were made to violate the document."""
    components = case.meta.components if case.meta is not None else {}
    return {place.value.removesuffix("s") for place, info in components.items() if info.mode.is_negative}


@schemathesis.check
def refuses_for_now_with_a_reason(_context, response, case):
    """Of the answers in the five hundreds there is 503 alone, and it says why and when to come again."""
    if response.status_code < 500:
        return
    body = response.json()
    documented = case.path == "/health/ready" or body.get("code") in REASONS_FOR_NOW
    assert response.status_code == 503 and documented, f"answered {response.status_code}: {body}"
    assert "retry-after" in {name.lower() for name in response.headers}, "503 without Retry-After"
