# Rows start and memory: a sender with ten million records before it. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2154

# Small records, so that the many of them fit on a disk: about 0.25 kB a line.
prepare_mountain() {
  mountain_records=${quick:+100000}
  mountain_records=${mountain_records:-10000000}
  [ -d "$dir/mountain" ] || {
    say "writing $mountain_records records"
    mountain_bytes=$("$dir/segments" "$dir/mountain" "$mountain_records" 1000 -)
    "$dir/segments" "$dir/hill" 10000 1000 - >"$dir/logs/hill.bytes"
  }
}

# first_delivery SPOOL: prints the milliseconds from before exec until the first request arrives.
first_delivery() {
  local receiver
  receiver=$(free_port 19080)
  rm -rf "$dir/$1"/{state,dead,archive,quarantine,rescue,lock}
  "$dir/first" "$receiver" "$bin/notice-sender" run --spool "$dir/$1" --to "http://127.0.0.1:$receiver/" \
    2>>"$dir/logs/first.log"
}

middle() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

measure_start() {
  local turn
  prepare_mountain
  rm -f "$dir"/start.*
  for turn in 1 2 3 4 5; do
    first_delivery mountain >>"$dir/start.mountain"
    first_delivery hill >>"$dir/start.hill"
  done
  note start-mountain "$(middle "$dir/start.mountain")"
  note start-hill "$(middle "$dir/start.hill")"
}

# One destination takes what it can, the other one refuses connections.
measure_memory() {
  local before
  start_nginx
  prepare_mountain
  rm -rf "$dir"/mountain/{state,dead,archive,quarantine,rescue,lock}
  before=$(nginx_requests)
  start sender "$bin/notice-sender" run --spool "$dir/mountain" --to "alive=http://127.0.0.1:$port/sink" \
    --to "dead=http://127.0.0.1:$(free_port 19080)/"
  sleep "$((seconds * 2))"
  note sender-megabytes "$(peak_megabytes "${pids[sender]}")"
  stop sender
  [ $(($(nginx_requests) - before)) -gt 1000 ] || fail 'memory: nothing was delivered meanwhile'
}

size_of_mountain() {
  awk -v records="$mountain_records" -v bytes="$mountain_bytes" 'BEGIN {
    count = (records >= 1e6) ? records / 1e6 " million" : records
    printf "%s waiting (%.2f kB each)", count, bytes / records / 1000 }'
}

table_start() {
  row "sender start to its first delivery, $(size_of_mountain)" ms start-mountain '10,000 waiting' start-hill \
    'start-mountain start-hill /' '<= 1.2'
  row 'the same' ms start-mountain – – – '<= 100'
}

table_memory() {
  row "sender memory, $(size_of_mountain), one of two destinations dead" MB sender-megabytes – – – '<= 32'
}
