#!/usr/bin/env bash
# Controls an EventStoreDB double that runs as a server of its own: control-double.sh start|kill|stop|freeze|thaw
# REDRESS_TEST_DOUBLE_FOLDER holds its log and its process id; it listens on REDRESS_TEST_DOUBLE_PORT of 127.0.0.1.
# A program for a real server takes the same arguments: see ServerControl in test/support/servers/server-control.ts.
set -euo pipefail

folder=$REDRESS_TEST_DOUBLE_FOLDER
double=$(dirname "$0")/run-double.cjs

process_id() { cat "$folder/pid" 2>/dev/null; }
# A process that ended may stay as a zombie: its parent is this script, which has ended too.
is_running() {
  local id
  id=$(process_id) || return 1
  [[ $(ps -o stat= -p "$id") =~ ^[^Z] ]]
}
signal() { kill "-$1" "$(process_id)"; }
until_ended() { while is_running; do sleep 0.02; done; }

case ${1:-} in
  start)
    is_running || {
      nohup node "$double" --port "$REDRESS_TEST_DOUBLE_PORT" --file "$folder/log" --grace-ms 200 >/dev/null 2>&1 &
      echo $! >"$folder/pid"
    }
    ;;
  kill) signal KILL; until_ended ;;
  stop) signal TERM; until_ended ;;
  freeze) signal STOP ;;
  thaw) signal CONT ;;
  *) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
esac
