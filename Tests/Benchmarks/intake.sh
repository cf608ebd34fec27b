# Rows intake and single: requests through nginx, 0.6 kB each. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2016,SC2154

# load FIGURE KIND CONNECTIONS: notes what one server does, after it has been held against what the server has kept.
load() {
  local threads=2 measured responses rate p50 p99 failed refused kept used
  [ "$3" -gt 1 ] || threads=1
  start_intake "$2"
  measured=$(wrk -t"$threads" -c"$3" -d"${seconds}s" --latency -s "$here/tools/notice.lua" \
    "http://127.0.0.1:$port/notice" | grep '^measured ')
  read -r _ responses rate p50 p99 failed refused <<<"$measured"
  used=$(processor_seconds "${pids[intake]}")
  if [ "$1" = intake-sync ]; then note handler-megabytes "$(peak_megabytes "${pids[intake]}")"; fi
  stop intake
  [ "$failed" = 0 ] || fail "$1: $failed connections or requests failed"
  [ "$refused" = 0 ] || fail "$1: $refused answers were not 2xx"
  # What was on its way when wrk stopped may be there as well.
  kept=$(($(intake_records) - 1))
  if [ "$kept" -lt "$responses" ] || [ "$kept" -gt $((responses + $3)) ]; then
    fail "$1: $responses answered, $kept kept"
  fi
  note "$1" "$rate"
  note "$1-p50" "$p50"
  note "$1-p99" "$p99"
  [ "$2" = php ] || note "$1-cpu" "$(awk -v used="$used" -v responses="$responses" 'BEGIN { print used / responses * 1e6 }')"
}

measure_intake() {
  start_nginx
  load intake-sync sync 64
  load intake-c c 64
  load intake-go go 64
  load intake-php php 64
  load intake-write write 64
  load intake-none none 64
}

measure_single() {
  start_nginx
  load single-sync sync 1
  load single-c c 1
}

table_intake() {
  local what='durable requests/s through nginx, 64 connections'
  row "$what" '' intake-sync 'C, libfcgi, 64 threads, fdatasync' intake-c 'intake-sync intake-c /' '>= 1.0'
  row "$what" '' intake-sync 'Go net/http/fcgi, fsync' intake-go 'intake-sync intake-go /' '>= 1.4'
  row "$what" '' intake-sync 'PHP-FPM, 64 children, flock, fdatasync' intake-php 'intake-sync intake-php /' '>= 5'
  row 'its p50' ms intake-sync-p50 'C' intake-c-p50 'intake-sync-p50 intake-c-p50 /' –
  row 'its p99' ms intake-sync-p99 'C' intake-c-p99 'intake-sync-p99 intake-c-p99 /' '<= 1.1'
  row 'its processor time a request, without nginx' µs intake-sync-cpu 'C' intake-c-cpu \
    'intake-sync-cpu intake-c-cpu /' –
  row 'requests/s with `--durability write`' '' intake-write '`sync`' intake-sync 'intake-write intake-sync /' –
  row 'requests/s with `--durability none`' '' intake-none '`sync`' intake-sync 'intake-none intake-sync /' –
  row 'handler memory, 64 workers under load' MB handler-megabytes – – – '<= 12'
}

table_single() {
  row 'durable requests/s, one connection' '' single-sync 'C' single-c 'single-sync single-c /' '>= 0.95'
  row 'its p99' ms single-sync-p99 'C' single-c-p99 'single-sync-p99 single-c-p99 /' –
}
