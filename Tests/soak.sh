#!/usr/bin/env bash
# The proofs at length: everything under load with kills, every crash point, the simulated disk, the fuzzers. Prints what was tried,
# for how long, and what came of it, as a table for the README.
#
#   Tests/soak.sh                  an hour of load, and all else in full
#   Tests/soak.sh --minutes 5      five minutes of load, and the rest shortened in proportion
#   Tests/soak.sh --only load      one of: load, crash, disk, fuzz
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project"
minutes=60 only=''

fail() { echo "soak.sh: fatal: $1" >&2; exit 100; }

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 needs a value"
  case $1 in
    --minutes) minutes=$2 ;;
    --only) only=$2 ;;
    *) fail "unknown option $1" ;;
  esac
  shift 2
done
[[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "--minutes: expected a whole number, got '$minutes'"
[[ $only =~ ^(|load|crash|disk|fuzz)$ ]] || fail "--only: expected load, crash, disk or fuzz, got '$only'"

# In the full hour these are what the README states.
share() { echo $(($1 * minutes / 60 > 0 ? $1 * minutes / 60 : 1)); }
schedules=$(share 200000)
fuzz_json=$(share 10000000)
fuzz_others=$(share 500000)

TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/notice-soak.XXXXXX")
export TMPDIR
clean_up() {
  local status=$?
  pkill -KILL -f "$TMPDIR" 2>/dev/null || true
  rm -rf "$TMPDIR"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

nginx/run.sh --install
swift build -c release --static-swift-stdlib --product notice-handler
swift build -c release --static-swift-stdlib --product notice-sender
# The simulated disk takes an hour in a build that is not optimized.
build=(--scratch-path .build-optimized -Xswiftc -O)
swift build "${build[@]}" --build-tests

rows=() status=0

# prove NAME WHAT PATTERN COMMAND…: runs the command; the lines that fit the pattern say what it found.
prove() {
  local name=$1 what=$2 pattern=$3 log=$TMPDIR/$1.log start=$SECONDS found
  shift 3
  printf '\n== %s: %s\n' "$name" "$what"
  if "$@" >"$log" 2>&1; then
    found=$(grep -E "$pattern" "$log" | paste -sd ';' | sed 's/;/; /g' || true)
  else
    status=1
    found="**failed**: $(grep -E '^✘|NOTICE_SEED=|: a fault' "$log" | head -5 | paste -sd ' ' || true)"
    tail -50 "$log" >&2
  fi
  rows+=("| $what | $(((SECONDS - start) / 60)) min $(((SECONDS - start) % 60)) s | ${found:-no fault} |")
  echo "$found"
}

wanted() { [ -z "$only" ] || [ "$only" = "$1" ]; }
tests() { swift test "${build[@]}" --skip-build --filter "$1"; }

if wanted load; then
  NOTICE_SOAK_MINUTES=$minutes prove load \
    "$minutes minutes of load, handlers and sender killed at random" \
    'messages a second|^handler:|^sender:' tests SoakTests
fi
if wanted crash; then
  NOTICE_LONG=1 prove crash 'a kill before every system call that changes something' \
    'kills of|named steps' tests CrashPointTests
  NOTICE_LONG=1 prove stopped 'a CGI process stopped before every such call' \
    'stops of' tests StoppedTests
  NOTICE_LONG=1 prove files '100,000 files in each directory' ': [0-9.]+ s$' tests ManyFilesTests
  NOTICE_LONG=1 prove kills 'a sender killed in the middle of 200 drains' \
    'deliveries repeated' tests 'kill -9 during a drain'
fi
if wanted disk && [ -d Tests/SimulationTests ]; then
  NOTICE_SCHEDULES=$schedules prove disk "$schedules power cuts on a simulated disk" \
    'schedules' tests SimulationTests
fi
if wanted fuzz && [ -f Tests/fuzz.sh ]; then
  prove fuzz-json "$fuzz_json random inputs to the JSON scanner" 'inputs' \
    Tests/fuzz.sh --runs "$fuzz_json" json
  prove fuzz "$fuzz_others random inputs to every other reader" 'inputs' \
    Tests/fuzz.sh --runs "$fuzz_others"
fi

printf '\n| what | how long | found |\n| --- | --- | --- |\n'
printf '%s\n' "${rows[@]}"
[ "$status" -eq 0 ]
