#!/usr/bin/env bash
# Installs what is missing and runs the whole test suite: every test under ThreadSanitizer, those of the whole way a
# second time with the programs as they are built for users, and those of PostgreSQL and Kafka with a build that has
# both. Anything after the options goes to `swift test`.
#
#   Tests/run.sh                         all of it
#   Tests/run.sh --quick                 without ThreadSanitizer
#   Tests/run.sh --filter SpoolTests     some of it
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"
PATH=$PATH:/usr/sbin:/sbin

quick=''
if [ "${1:-}" = --quick ]; then
  quick=yes
  shift
fi

say() { printf '\n== %s\n' "$*"; }

# Keeps what the suite says. What a test leaves running may hold its output open: nobody waits long for the end of that.
suite() {
  local status=0 said tee
  exec {said}> >(exec tee -a "$TMPDIR/said")
  tee=$!
  swift test "$@" >&"$said" {said}>&- || status=$?
  exec {said}>&-
  timeout 5 tail --pid="$tee" -f /dev/null || true
  return "$status"
}

# Whatever happens to a test, nothing of it stays: all that it makes lies below this directory, and all that it starts
# names a file in it.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/notice-suite.XXXXXX")
export TMPDIR
# Apache and lighttpd do not serve as root; for them a test's directory belongs to somebody else.
chmod 711 "$TMPDIR"
sudo=() guard=''
[ "$EUID" -eq 0 ] || sudo=(sudo)
clean_up() {
  local status=$?
  if [ "$status" -ne 0 ] && [ -e "$TMPDIR/said" ]; then
    say 'What failed, once more'
    grep -a '✘' "$TMPDIR/said" || true
  fi
  [ -z "$guard" ] || "${sudo[@]}" rm -f "$guard"
  pkill -KILL -f "$TMPDIR" 2>/dev/null || true
  rm -rf "$TMPDIR" "${memory:-$TMPDIR}"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# The suite needs what a user needs, and some tools to look closer with.
nginx/run.sh --install
missing=()
for pair in strace:strace spawn-fcgi:spawn-fcgi unshare:util-linux openssl:openssl pkill:procps man:man-db chromium:chromium less:less script:bsdutils \
  apache2:apache2-bin lighttpd:lighttpd systemd-socket-activate:systemd dpkg-shlibdeps:dpkg-dev valgrind:valgrind; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ -e /usr/lib/apache2/modules/mod_fcgid.so ] || missing+=(libapache2-mod-fcgid)
nginx -V 2>&1 | grep -qE -- '--with-stream( |$)' || [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] ||
  missing+=(libnginx-mod-stream)
for pair in libpq:libpq-dev rdkafka:librdkafka-dev; do
  pkg-config --exists "${pair%%:*}" || missing+=("${pair#*:}")
done
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  say "Installing: ${missing[*]}"
  # Debian starts a web server as it installs it, on port 80; this is its own way to say no.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    guard=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$guard" >/dev/null
    "${sudo[@]}" chmod 755 "$guard"
  fi
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  [ -z "$guard" ] || "${sudo[@]}" rm -f "$guard"
  guard=''
fi

say 'Form'
swift format lint --strict -r Package.swift Sources Tests

say 'The programs as they are built for users'
swift build -c release --static-swift-stdlib --product notice-handler
swift build -c release --static-swift-stdlib --product notice-sender

if [ -n "$quick" ]; then
  say 'The suite'
  suite "$@"
  exit
fi

say 'The suite, under ThreadSanitizer'
export TSAN_OPTIONS="log_path=$TMPDIR/race"
status=0
NOTICE_BIN=$project/.build-race/debug \
  suite --scratch-path .build-race --sanitize=thread "$@" || status=$?
if compgen -G "$TMPDIR/race.*" >/dev/null; then
  head -n 100 "$TMPDIR"/race.* >&2
  echo 'run.sh: ThreadSanitizer has something to say, above' >&2
  exit 1
fi
[ "$status" -eq 0 ] || exit "$status"

say 'The whole way, with the programs as they are built for users'
NOTICE_BIN=$project/.build/release suite --scratch-path .build-race --sanitize=thread --skip-build \
  --filter EndToEndTests

unset TSAN_OPTIONS
say 'PostgreSQL and Kafka, in a build that has both'
engines=(--scratch-path .build-engines --traits 'PostgreSQL,Kafka')
swift build "${engines[@]}" --build-tests
NOTICE_BIN=$project/.build-engines/debug \
  suite "${engines[@]}" --skip-build --filter 'PostgreSQL|Kafka|Engine|SeveralHosts'

say 'The simulated disk in full, which ThreadSanitizer sees a sample of'
suite "${engines[@]}" --skip-build --filter SimulationTests

# The receivers stand in the test's own process, and must be faster than what is measured: no ThreadSanitizer here. Nor is
# it the disk that is measured.
say 'What is measured, with nothing beside it'
memory=$(mktemp -d -p /dev/shm notice-suite.XXXXXX 2>/dev/null) || memory=$TMPDIR
NOTICE_ALONE=$memory NOTICE_BIN="$project/.build/release" \
  suite "${engines[@]}" --skip-build --filter 'do not slow the healthy ones'
