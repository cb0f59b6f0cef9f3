"""Extends schemathesis for this service: a body format, more useful requests, and a check of 5xx answers."""

import json
import os
import random
import re
import uuid

import schemathesis

KNOWN_COMPLAINTS = os.environ["REDRESS_TEST_COMPLAINTS"].split()
STRONG_TAG = re.compile(r'"(0|[1-9][0-9]{0,14})"')
CODES_OF_503 = ("not_yet_visible", "busy")
rng = random.Random(1)


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context, value):
    """Sends a string unchanged as the body; any other value becomes one line of JSON."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """Reduces the lists of time zones and currencies: schemathesis would try each value in each field of each command."""
    reduce_lists(raw_schema)


KEPT = {"UTC", "Asia/Shanghai", "Europe/London", "CNY", "EUR"}


def reduce_lists(value):
    """Leaves three zones in each list of zones, and two currencies in each list of currencies."""
    if isinstance(value, dict):
        names = value.get("enum")
        if isinstance(names, list) and ("Asia/Shanghai" in names or "CNY" in names):
            value["enum"] = [name for name in names if name in KEPT]
        for member in value.values():
            reduce_lists(member)
    elif isinstance(value, list):
        for item in value:
            reduce_lists(item)


@schemathesis.hook
def before_call(_context, case, **_kwargs):
    """
    Sends most commands to an existing complaint, with a new idempotency key, and without an If-Match tag that cannot
    match. Without this, the service would refuse nearly all commands before it checks their bodies. The parts of the
    request that schemathesis made invalid on purpose are not changed.
    """
    invalid = invalid_parts(case)
    if "path" not in invalid and "/complaints/{id}" in case.path and rng.random() < 0.8:
        case.path_parameters["id"] = rng.choice(KNOWN_COMPLAINTS)
    if invalid != {"header"} and case.headers is not None:
        if "Idempotency-Key" in case.headers and rng.random() < 0.9:
            case.headers["Idempotency-Key"] = str(uuid.UUID(int=rng.getrandbits(128)))
        tag = case.headers.get("If-Match")
        if tag is not None and (not STRONG_TAG.fullmatch(tag) or rng.random() < 0.9):
            del case.headers["If-Match"]


def invalid_parts(case):
    """Returns the parts of the request (path, query, header, body) that violate the document on purpose."""
    components = case.meta.components if case.meta is not None else {}
    return {part.value.removesuffix("s") for part, info in components.items() if info.mode.is_negative}


@schemathesis.check
def server_error_is_a_documented_503(_context, response, case):
    """The only 5xx answer is 503, with a documented code and Retry-After."""
    if response.status_code < 500:
        return
    body = response.json()
    documented = case.path == "/health/ready" or body.get("code") in CODES_OF_503
    assert response.status_code == 503 and documented, f"answered {response.status_code}: {body}"
    assert "retry-after" in {name.lower() for name in response.headers}, "503 without Retry-After"
