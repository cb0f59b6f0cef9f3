"""What schemathesis has to be told about this service beside its configuration."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """Text is a body as it is; anything else is one line."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.check
def refuses_for_now_with_a_reason(_context, response, case):
    """Of the answers in the five hundreds there is 503 alone, and it says why and when to come again."""
    if response.status_code < 500:
        return
    body = response.json()
    documented = case.path == "/health/ready" or body.get("code") in ("not_yet_visible", "busy")
    assert response.status_code == 503 and documented, f"answered {response.status_code}: {body}"
    assert "retry-after" in {name.lower() for name in response.headers}, "503 without Retry-After"
