#!/usr/bin/env bash
# Brings the whole way up on this machine and shows one notice travelling it:
# nginx → notice-handler → spool → notice-sender → SQLite. `run.sh --help` says more.
# shellcheck disable=SC2317  # what the EXIT trap and wait_for call is not unreachable
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: nginx/run.sh [--once] [--dir DIR] [--port PORT] [--bin DIR]
       nginx/run.sh --install

Installs what is missing (Debian, Ubuntu), builds, starts notice-handler, an nginx of its own on loopback and
notice-sender, sends one notice, shows it in the spool and in the database, and stays until Ctrl-C.
The machine's own nginx is neither used nor changed.

  --once       leave when the notice has been seen everywhere; any step that fails makes the exit status 1
  --dir DIR    run in DIR and leave it in place (otherwise: a new directory that is removed at the end)
  --port PORT  listen on 127.0.0.1:PORT (otherwise: the first free port from 8080 on)
  --bin DIR    take notice-handler and notice-sender from DIR instead of building them
  --install    install what is missing, and no more
TEXT
}

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'run.sh: fatal: %s\n' "$*" >&2
  exit 1
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Debian keeps nginx where ordinary users do not look.
PATH=$PATH:/usr/sbin:/sbin
once='' install_only='' dir='' dir_stays='' port='' bin='' guard=''
handler='' nginx='' sender=''

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --once) once=yes ;;
      --dir | --port | --bin)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
          --dir) dir=$2 dir_stays=yes ;;
          --port) port=$2 ;;
          --bin) bin=$2 ;;
        esac
        shift
        ;;
      --install) install_only=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) fail "unknown option $1; run.sh --help lists them" ;;
    esac
    shift
  done
  [[ -z $port || $port =~ ^[1-9][0-9]{0,4}$ ]] || fail "--port $port is not a port number"
}

as_root() {
  if [ "$EUID" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether something is there is asked of itself rather than of apt: it may have come another way.
install_missing() {
  local missing=() tool pair
  for tool in curl jq sqlite3; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  command -v nginx >/dev/null || missing+=(nginx-light)
  if [ -z "$bin" ]; then
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    for pair in fcgi:libfcgi-dev libcurl:libcurl4-openssl-dev sqlite3:libsqlite3-dev zlib:zlib1g-dev; do
      pkg-config --exists "${pair%%:*}" 2>/dev/null || missing+=("${pair#*:}")
    done
  fi
  [ ${#missing[@]} -gt 0 ] || return 0

  say "Installing: ${missing[*]}"
  command -v apt-get >/dev/null ||
    fail "this machine has no apt-get; install what corresponds to: ${missing[*]}"
  [ "$EUID" -eq 0 ] || command -v sudo >/dev/null ||
    fail "there is no sudo; have root do: apt-get install ${missing[*]}"
  # Debian starts a service as it installs it, on port 80; this is its own way to say no.
  if [[ " ${missing[*]} " == *' nginx-light '* && ! -e /usr/sbin/policy-rc.d ]]; then
    guard=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$guard" >/dev/null
    as_root chmod 755 "$guard"
  fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  if [ -n "$guard" ]; then
    remove_guard
    echo "The packaged nginx was not started; 'systemctl disable nginx' keeps it so after a reboot."
  fi
}

remove_guard() {
  [ -z "$guard" ] || as_root rm -f "$guard"
  guard=''
}

build() {
  local program
  if [ -z "$bin" ]; then
    command -v swift >/dev/null ||
      fail 'there is no Swift toolchain; see https://www.swift.org/install/linux/'
    say 'Building (the first time takes minutes)'
    local command=(swift build --package-path "$project" -c release --static-swift-stdlib)
    # One by one, without what only the tests use.
    for program in notice-handler notice-sender; do
      "${command[@]}" --product "$program"
    done
    bin=$("${command[@]}" --show-bin-path)
  fi
  for program in notice-handler notice-sender; do
    [ -x "$bin/$program" ] || fail "there is no program $bin/$program"
  done
}

prepare_directory() {
  # What comes to lie in it are keys and messages.
  umask 077
  [ -n "$dir" ] || dir=$(mktemp -d "${TMPDIR:-/tmp}/notice.XXXXXX")
  [[ $dir == /* ]] || dir=$PWD/$dir
  # It goes into nginx's configuration as it is, and a socket's path has at most 107 bytes.
  [[ $dir =~ ^/[A-Za-z0-9_./+@,-]{1,89}$ ]] ||
    fail "choose a --dir of at most 90 plain characters without spaces, not $dir"
  mkdir -p "$dir/nginx" "$dir/run" "$dir/logs"
  # Held by everything started here as well, so a directory is never in use twice.
  exec 9>"$dir/run/lock"
  flock --nonblock 9 || fail "something still runs in $dir"
  if [ ! -s "$dir/keys" ]; then
    od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$dir/keys"
  fi
}

# Each program gets a session of its own: Ctrl-C reaches this script alone, which stops them in order.
start_handler() {
  rm -f "$dir/run/handler.sock"
  setsid "$bin/notice-handler" --listen "unix:$dir/run/handler.sock" --spool "$dir/spool" \
    --key-file "$dir/keys" >>"$dir/logs/handler.log" 2>&1 &
  handler=$!
  wait_for notice-handler "$handler" handler.log test -S "$dir/run/handler.sock"
}

start_sender() {
  setsid "$bin/notice-sender" run --spool "$dir/spool" >>"$dir/logs/sender.log" 2>&1 &
  sender=$!
}

start_nginx() {
  local candidates=("$port") globals='daemon off;'
  [ -n "$port" ] || mapfile -t candidates < <(seq 8080 8179)
  # nginx started by root would give its workers to nobody, who may not enter this directory.
  [ "$EUID" -ne 0 ] || globals+=' user root;'
  sed -nE 's,^[A-Za-z0-9_-]+$,"~^&:|/&(/|$)" 1;,p' "$dir/keys" >"$dir/nginx/notice.keys"

  for port in "${candidates[@]}"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      [ ${#candidates[@]} -gt 1 ] || fail "127.0.0.1:$port is taken"
      continue
    fi
    write_nginx_settings
    # The second is left behind by an nginx that was killed or found its port taken.
    rm -f "$dir/nginx/nginx.pid" "$dir/run/rescue.sock"
    setsid nginx -p "$dir/nginx" -c nginx.conf -g "$globals" >"$dir/logs/nginx.log" 2>&1 &
    nginx=$!
    # It is written once the sockets are bound.
    if wait_for_or_end "$nginx" test -s "$dir/nginx/nginx.pid"; then return 0; fi
    nginx=''
    grep -q 'Address already in use' "$dir/logs/nginx.log" || break
  done
  [ ! -s "$dir/logs/nginx.log" ] || tail -n 5 "$dir/logs/nginx.log" >&2
  fail "nginx does not start on 127.0.0.1, port ${candidates[0]} to ${candidates[-1]}"
}

write_nginx_settings() {
  local file
  for file in nginx.conf notice-http.conf notice.conf; do
    sed -e "s|/run/notice|$dir/run|; t" -e "s|/var/spool/notice|$dir/spool|; t" \
      -e "s|/var/log/nginx|$dir/logs|; t" -e "s|127.0.0.1:8080|127.0.0.1:$port|" \
      "$project/nginx/$file" >"$dir/nginx/$file"
  done
}

# wait_for_or_end PID COMMAND…: false when the process ends, or 60 seconds do, before the command succeeds.
wait_for_or_end() {
  local pid=$1 tries
  shift
  for ((tries = 0; tries < 600; tries++)); do
    if "$@"; then return 0; fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

# wait_for NAME PID LOG COMMAND…: as above, and the end of it all when it does not come.
wait_for() {
  local name=$1 pid=$2 log=$3
  shift 3
  if ! wait_for_or_end "$pid" "$@"; then
    tail -n 5 "$dir/logs/$log" >&2
    fail "$name has ended or needs more than 60 s; what it said last is above"
  fi
}

send_example() {
  local example answer
  example=$(<"$project/Tests/Samples/page-example.json")
  say "curl --request GET '$url' --header 'Content-Type: application/json' --data-raw …"
  answer=$(curl --silent --show-error --max-time 10 --request GET "$url" \
    --header 'Content-Type: application/json' --data-raw "$example" --write-out '\n%{http_code}')
  printf '%s\n' "$answer"
  [ "$answer" = $'{}\n200' ] || fail 'expected {} and 200'
  # Where the handler took more than 3 s, nginx has kept it, and the sender takes it in.
  wait_for notice-sender "$sender" sender.log test -s "$dir/spool/current.ndjson"

  say "tail -n 1 $dir/spool/current.ndjson | jq ."
  local line
  line=$(tail -n 1 "$dir/spool/current.ndjson")
  jq . <<<"$line"
  jq --exit-status --argjson example "$example" '.body == $example' <<<"$line" >/dev/null ||
    fail 'the body in the spool is not the one that was sent'

  local id query
  id=$(jq --raw-output .id <<<"$line")
  query="SELECT id, received_at, kind, message_id, chat_id, type FROM notices WHERE id = '$id'"
  say "sqlite3 -box $dir/spool/notices.db \"$query\""
  wait_for notice-sender "$sender" sender.log row_exists "$id"
  sqlite3 -readonly -box "$dir/spool/notices.db" "$query"
}

row_exists() {
  local count
  count=$(sqlite3 -readonly "$dir/spool/notices.db" \
    "SELECT count(*) FROM notices WHERE id = '$1'" 2>/dev/null) && [ "$count" = 1 ]
}

say_what_next() {
  say 'It stands. To try next, in another terminal:'
  cat <<TEXT
Send another one:
  curl '$url' --header 'Content-Type: application/json' \\
    --data-raw '{"data":{"messageId":"2","chatId":"c","type":7,"payload":{"text":"你好"},"token":"t"}}'
Look on:
  tail -F $dir/spool/current.ndjson | jq .
  sqlite3 -readonly -box $dir/spool/notices.db 'SELECT id, kind, message_id, type FROM notices'
  tail -F $dir/logs/*.log
Send one while the handler hangs: nginx keeps it after 3 s and answers 200, the sender takes it in:
  kill -STOP $handler; curl '$url' --data-raw '{"event":"rescued"}'; ls -l $dir/spool/rescue; kill -CONT $handler
End the handler; nginx and the sender do without it, a second later in the database:
  kill $handler
TEXT
  printf '\nCtrl-C stops it all.\n'
}

# stop PID SIGNAL: asks, waits for ten seconds, then insists, with all that PID has started. A stopped
# process hears nothing until it continues.
stop() {
  local pid=$1 tries
  [ -n "$pid" ] || return 0
  kill -s "$2" "$pid" 2>/dev/null || true
  kill -s CONT "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -s KILL -- "-$pid" 2>/dev/null || true
}

# From the front: nothing new comes in, what is in hand is answered, what is stored is delivered.
stop_all() {
  local status=$?
  trap '' INT TERM HUP
  stop "$nginx" QUIT
  stop "$handler" TERM
  stop "$sender" TERM
  remove_guard
  if [ -z "$dir_stays" ]; then
    [ -z "$dir" ] || rm -rf "$dir"
  elif [ -d "$dir/spool" ]; then
    echo "The spool is in $dir/spool."
  fi
  exit "$status"
}

parse_options "$@"
trap stop_all EXIT
trap 'exit 130' INT TERM HUP
install_missing
[ -z "$install_only" ] || exit 0
build
prepare_directory
start_handler
start_nginx
start_sender
url="http://127.0.0.1:$port/notice?key=$(head -n 1 "$dir/keys")"
send_example
[ -z "$once" ] || exit 0
trap 'exit 0' INT TERM HUP
say_what_next
wait "$nginx" || true
fail "nginx has ended; see $dir/logs"
