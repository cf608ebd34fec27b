#!/usr/bin/env bash
# Measures the project beside programs that do the same, in one run, in turn, over several rounds, and prints a table of
# medians and ratios. Everything runs on loopback in a directory of its own, which is removed at the end.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: Tests/bench.sh [--rounds N] [--seconds S] [--quick] [--dir DIR] [--bin DIR] [ROW…]

Rows (all of them unless some are named; postgresql and kafka only if named):
  intake   requests/s and p99 through nginx, 64 connections, each mode of --durability; C, Go and PHP-FPM beside it
  single   the same with one connection, C beside it
  cgi      one process for each request; C and php-cgi beside it
  http     deliveries/s to an nginx that answers 200; C with libcurl beside it
  sqlite   records/s into SQLite; the sqlite3 shell beside it
  latency  from the 200 to the receiver
  start    how long a sender takes to its first delivery with ten million records waiting
  memory   what a sender and a handler take up
  json     the scan of a body; jq, python, simdjson and RapidJSON beside it
  postgresql, kafka   records/s into a PostgreSQL and a mock of Kafka; psql and kcat beside it

  --rounds N   how often everything is measured, in turn (5)
  --seconds S  how long one measurement lasts, where it has a length (5)
  --quick      one round of one second and small backlogs: shows that every row works, its figures mean little
  --dir DIR    where to work, on the disk that is to be measured (otherwise: a new directory in TMPDIR or /tmp)
  --bin DIR    take the project's programs from DIR instead of building them
TEXT
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$project/Tests/Benchmarks
# Debian keeps servers where ordinary users do not look.
PATH=$PATH:/usr/sbin:/sbin
rounds=5 seconds=5 quick='' parent=${TMPDIR:-/tmp} bin='' rows=()
usual=(intake single cgi http sqlite latency start memory json)
known=("${usual[@]}" postgresql kafka)

while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes rounds=1 seconds=1 ;;
    --rounds) rounds=$2 && shift ;;
    --seconds) seconds=$2 && shift ;;
    --dir) parent=$2 && shift ;;
    --bin) bin=$2 && shift ;;
    -h | --help) usage && exit ;;
    *)
      [[ " ${known[*]} " == *" $1 "* ]] || { usage >&2 && exit 100; }
      rows+=("$1")
      ;;
  esac
  shift
done
[ ${#rows[@]} -gt 0 ] || rows=("${usual[@]}")

# shellcheck source=Benchmarks/harness.sh
. "$here/harness.sh"
# shellcheck source=Benchmarks/programs.sh
. "$here/programs.sh"
# shellcheck source=Benchmarks/intake.sh
. "$here/intake.sh"
# shellcheck source=Benchmarks/cgi.sh
. "$here/cgi.sh"
# shellcheck source=Benchmarks/delivery.sh
. "$here/delivery.sh"
# shellcheck source=Benchmarks/engines.sh
. "$here/engines.sh"
# shellcheck source=Benchmarks/backlog.sh
. "$here/backlog.sh"
# shellcheck source=Benchmarks/json.sh
. "$here/json.sh"

begin
install_missing
build
describe_machine
for ((round = 1; round <= rounds; round++)); do
  for row in "${rows[@]}"; do
    say "round $round of $rounds: $row"
    # What other rows have left to be written would be the first program's to wait for.
    sync
    "measure_$row"
  done
done
print_table
