# shellcheck shell=bash
# Sourced by the scripts in this folder: runs their steps, continues after a failed step, and records which failed.

failed=()

# step NAME FUNCTION [ARGUMENTS]: runs the function in a subshell with `set -e`, prints its duration, records a failure.
step() {
  local name=$1 started=$SECONDS code=0
  printf '\n== %s\n' "$name"
  # Not in a condition (`if`, `||`): bash would disable errexit in the subshell.
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

# Prints one line with the total time of all steps and the names of the failed steps.
steps_summary() {
  printf '\ntotal: %d s' "$SECONDS"
  [ ${#failed[@]} -eq 0 ] || printf '; failed: %s' "$(IFS=';'; echo "${failed[*]}")"
  printf '\n'
}
