#!/usr/bin/env bash
# Fuzzes what meets bytes from elsewhere, with libFuzzer: each target begins with its corpus in Tests/Fuzzing/Corpus, which the suite
# runs as well. What it finds lies in .build-fuzz/found/TARGET; put that into the corpus, and mend the fault.
#
#   Tests/fuzz.sh                              every target, 20,000 inputs each
#   Tests/fuzz.sh --runs 10000000 json         one of them, for long
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
fuzzing=$project/Tests/Fuzzing
scratch=$project/.build-fuzz
runs=20000 targets=()

while [ $# -gt 0 ]; do
  case $1 in
    --runs)
      [ $# -ge 2 ] || { echo 'fuzz.sh: fatal: --runs needs a number' >&2; exit 100; }
      runs=$2
      shift
      ;;
    -*)
      echo "fuzz.sh: fatal: unknown option $1" >&2
      exit 100
      ;;
    *)
      [ -d "$fuzzing/Corpus/$1" ] || { echo "fuzz.sh: fatal: there is no target $1" >&2; exit 100; }
      targets+=("$1")
      ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls "$fuzzing/Corpus")

swift build --package-path "$fuzzing" --scratch-path "$scratch" -c release --product fuzz
program=$(swift build --package-path "$fuzzing" --scratch-path "$scratch" -c release --show-bin-path)/fuzz

# A trap is libFuzzer's to report, with the input that led to it.
export SWIFT_BACKTRACE=enable=no
status=0
for target in "${targets[@]}"; do
  export FUZZ_TARGET=$target
  grown=$scratch/grown/$target found=$scratch/found/$target
  mkdir -p "$grown" "$found"
  options=(-runs="$runs" -max_len=1024 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
  options+=(-artifact_prefix="$found/" -verbosity=1)
  dictionary=$fuzzing/$target.dict
  [ ! -f "$dictionary" ] || options+=("-dict=$dictionary")
  # What it finds on its way is kept beside the corpus, and is where the next run begins.
  if "$program" "${options[@]}" "$grown" "$fuzzing/Corpus/$target" >"$scratch/$target.log" 2>&1; then
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$scratch/$target.log")
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$target.log")
    echo "$target: $count inputs, $rate a second, no fault"
  else
    status=1
    echo "$target: a fault; see $scratch/$target.log and $found" >&2
    grep -m 1 -E 'Fatal error|ERROR|Error' "$scratch/$target.log" >&2 || true
  fi
done
exit "$status"
