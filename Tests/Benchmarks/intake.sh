# Rows intake and single: requests through nginx, 0.6 kB each. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2016,SC2154

# request NAME CONNECTIONS SECONDS: sets responses, rate, p50 and p99 to what the server of that name does.
request() {
  local threads=2 measured failed refused
  [ "$2" -gt 1 ] || threads=1
  measured=$(wrk -t"$threads" -c"$2" -d"$3s" --latency -s "$here/tools/notice.lua" \
    "http://127.0.0.1:${ports[$1]}/notice" | grep '^measured ')
  read -r _ responses rate p50 p99 failed refused <<<"$measured"
  [ "$failed" = 0 ] || fail "$1: $failed connections or requests failed"
  [ "$refused" = 0 ] || fail "$1: $refused answers were not 2xx"
}

# hold NAME RESPONSES SPARE: ends the server; it must have kept what it answered, and no more besides than what may have
# been on its way each time when wrk stopped.
hold() {
  stop "$1"
  local kept=$(($(intake_records "$1") - 1))
  if [ "$kept" -lt "$2" ] || [ "$kept" -gt $(($2 + $3)) ]; then fail "$1: $2 answered, $kept kept"; fi
}

# load FIGURE KIND CONNECTIONS: notes what one server does, after it has been held against what the server has kept.
load() {
  local responses rate p50 p99 used
  start_intake "$2"
  request intake "$3" "$seconds"
  used=$(processor_seconds "${pids[intake]}")
  [ "$2" != many-workers ] || note handler-megabytes "$(peak_megabytes "${pids[intake]}")"
  hold intake "$responses" "$3"
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
  load intake-many many-workers 64
}

# What a sync takes changes from second to second by more than what is to be seen, and here it is nearly all there is. So
# both servers stay, each is asked for one second in turn, and what counts is the mean of their seconds.
measure_single() {
  local name second responses rate p50 p99
  declare -A answered=([single-sync]=0 [single-c]=0) waits=()
  for name in single-sync single-c; do
    start_nginx "$name"
    start_intake "${name#single-}" "$name"
  done
  for ((second = 1; second <= seconds; second++)); do
    for name in single-sync single-c; do
      request "$name" 1 1
      answered[$name]=$((answered[$name] + responses))
      waits[$name]+="$p99 "
    done
  done
  for name in single-sync single-c; do
    hold "$name" "${answered[$name]}" "$seconds"
    note "$name" "$(per_second "${answered[$name]}" "$seconds")"
    note "$name-p99" "$(tr ' ' '\n' <<<"${waits[$name]}" | awk 'NF' | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }')"
  done
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
