# shellcheck shell=bash
# Sourced by the scripts beside it: runs their steps, whatever the others say, and remembers which failed.

failed=()

# step NAME FUNCTION [ARGUMENTS]: runs it with `set -e` of its own, says how long it took, remembers a failure.
step() {
  local name=$1 started=$SECONDS code=0
  printf '\n== %s\n' "$name"
  # Not as a condition (`if`, `||`): bash would switch errexit off inside.
  set +e
  (set -euo pipefail; "${@:2}")
  code=$?
  set -e
  if [ "$code" -eq 0 ]; then
    printf '== %s: passed in %d s\n' "$name" $((SECONDS - started))
  else
    printf '== %s: FAILED with code %d after %d s\n' "$name" "$code" $((SECONDS - started))
    failed+=("$name")
  fi
}

# One line with the time of all steps, and the names of those that failed.
steps_summary() {
  printf '\n%d s in all' "$SECONDS"
  [ ${#failed[@]} -eq 0 ] || printf '; failed: %s' "$(IFS=';'; echo "${failed[*]}")"
  printf '\n'
}
