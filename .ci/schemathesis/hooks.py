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


@schemathesis.deserializer("application/x-ndjson")
def lines(_context, response):
    """Reads an answer with one JSON value per line as the list of these values, as its schema describes it."""
    return [json.loads(line) for line in response.content.decode().splitlines() if line]


ZONES = ["UTC", "Asia/Shanghai", "Europe/London"]
CURRENCIES = ["CNY", "EUR"]


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """
    Names some time zones and currencies, because random names do not exist. Makes the schemas of answers as strict as the
    tests do: an answer has only the described members, and follows the rules between them.
    """
    schemas = raw_schema["components"]["schemas"]
    name_values(raw_schema)
    for schema in schemas.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
            schema.update(schema.pop("x-rules", {}))


def name_values(value):
    """Lists these values for every field and parameter of a request that takes a time zone or a currency."""
    if isinstance(value, dict):
        for name, values in (("zone", ZONES), ("currency", CURRENCIES)):
            field = value["schema"] if value.get("name") == name and "schema" in value else value.get(name)
            if isinstance(field, dict) and {"pattern", "enum", "$ref"} & field.keys():
                field.pop("$ref", None)
                field["enum"] = values
        for member in value.values():
            name_values(member)
    elif isinstance(value, list):
        for item in value:
            name_values(item)


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
