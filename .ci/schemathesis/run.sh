#!/usr/bin/env bash
# Starts the compiled service on an empty folder and fuzzes all operations of its OpenAPI document. Needs python3 with
# venv. Installs requirements.txt into a temporary environment, or uses the one in REDRESS_TEST_VENV. Passes its arguments
# to schemathesis and returns its exit code, or 1 if the service logged errors.
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'kill "${service:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

venv=${REDRESS_TEST_VENV:-$work/venv}
if [ ! -x "$venv/bin/schemathesis" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r .ci/schemathesis/requirements.txt
fi

REDRESS_DATA="$work/data" REDRESS_PORT=0 REDRESS_LOG=error node dist/src/main.js >"$work/service.log" 2>&1 &
service=$!
# The service writes its address to events.db.owner when it is ready.
for _ in $(seq 200); do
  url=$(sed -nE 's/.*"url":"([^"]+)".*/\1/p' "$work/data/events.db.owner" 2>/dev/null) && [ -n "$url" ] && break
  kill -0 "$service" 2>/dev/null || { cat "$work/service.log"; exit 1; }
  sleep 0.1
done
REDRESS_TEST_KEY=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).credentials.find(({role}) => role === "supervisor").key' "$work/data/keys.json")
# The hooks of schemathesis put the ids of these complaints into requests.
REDRESS_TEST_COMPLAINTS=
for number in 1 2 3 4 5 6 7 8 9; do
  id=$(curl --silent --fail -X POST "$url/v1/complaints" -H "authorization: Bearer $REDRESS_TEST_KEY" \
    -H 'content-type: application/json' -H "idempotency-key: fuzzing-$number" \
    -d '{"channel":"phone","narrative":"Dish arrived cold","parties":[{"role":"complainant","name":"王芳"}]}' |
    node -p 'JSON.parse(fs.readFileSync(0)).id')
  REDRESS_TEST_COMPLAINTS+=" $id"
done
export REDRESS_TEST_KEY REDRESS_TEST_COMPLAINTS PYTHONDONTWRITEBYTECODE=1

code=0
"$venv/bin/schemathesis" --config-file .ci/schemathesis/schemathesis.toml run "$url/docs-json" --checks all --report-dir "$work" "$@" || code=$?
if [ -s "$work/service.log" ]; then
  echo 'The service logged errors:'
  cat "$work/service.log"
  code=1
fi
exit "$code"
