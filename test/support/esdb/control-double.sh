#!/usr/bin/env bash
# Controls an EventStoreDB double in a separate process: control-double.sh start|kill|stop|freeze|thaw
# The folder REDRESS_TEST_DOUBLE_FOLDER holds the double's log and process id.
# The double listens on port REDRESS_TEST_DOUBLE_PORT of 127.0.0.1.
# A control program for a real server takes the same arguments: see test/support/servers/server-control.ts.
set -euo pipefail

folder=$REDRESS_TEST_DOUBLE_FOLDER
double=$(dirname "$0")/run-double.cjs

process_id() { cat "$folder/pid" 2>/dev/null; }
# A double that has ended can remain as a zombie (state Z), because the script that started it has ended.
is_running() {
  local id
  id=$(process_id) || return 1
  [[ $(ps -o stat= -p "$id") =~ ^[^Z] ]]
}
signal() { kill "-$1" "$(process_id)"; }
wait_until_ended() { while is_running; do sleep 0.02; done; }

case ${1:-} in
  start)
    is_running || {
      nohup node "$double" --port "$REDRESS_TEST_DOUBLE_PORT" --file "$folder/log" --grace-ms 200 >/dev/null 2>&1 &
      echo $! >"$folder/pid"
    }
    ;;
  kill) signal KILL; wait_until_ended ;;
  stop) signal TERM; wait_until_ended ;;
  freeze) signal STOP ;;
  thaw) signal CONT ;;
  *) sed -n '2s/^# //p' "$0" >&2; exit 2 ;;
esac
