# Row json: a body's scan as the handler does it (valid by RFC 8259, white space dropped, members found). Sourced by
# bench.sh.
# shellcheck shell=bash disable=SC2016,SC2154

declare -A json_instructions=()
json_tools=(notice simdjson simdjson-parse rapidjson python jq)

# scan TOOL UNIT LIMIT [COMMAND…]: prints nanoseconds and passes; COMMAND runs the tool.
scan() {
  local tool=$1 unit=$2 limit=$3
  shift 3
  case $tool in
    notice) "$@" "$bin/JSONBenchmark" "$dir/$unit.json" "$unit" "$limit" ;;
    python) "$@" python3 "$here/peers/minify.py" "$dir/$unit.json" "$unit" "$limit" ;;
    *) "$@" "$dir/minify" "$tool" "$dir/$unit.json" "$unit" "$limit" ;;
  esac
}

# jq is a program to start: what it takes for nothing is left out, over ten passes.
scan_jq() {
  local full empty
  full=$(seconds_of jq -c . "$dir/$1-ten.json")
  empty=$(seconds_of jq -c . /dev/null)
  awk -v full="$full" -v empty="$empty" 'BEGIN { printf "%.0f 10\n", (full - empty) * 1e9 }'
}

# Instructions of a tool for so many passes, its start included, by callgrind.
instructions() {
  scan "$1" "$2" "$3" valgrind --tool=callgrind --callgrind-out-file=/dev/null 2>&1 >/dev/null |
    awk '/Collected/ { print $NF }'
}

prepare_json() {
  [ ! -e "$dir/line.json" ] || return 0
  local turn
  # A megabyte of lines of 0.6 kB, and one text of a megabyte, indented.
  for ((turn = 0; turn < 1700; turn++)); do cat "$dir/body.json" && echo; done >"$dir/line.json"
  head -n 1200 "$dir/line.json" | jq -s . >"$dir/whole.json"
  for turn in line whole; do
    for _ in {1..10}; do cat "$dir/$turn.json"; done >"$dir/$turn-ten.json"
  done
  [ -x "$bin/JSONBenchmark" ] || fail "there is no program $bin/JSONBenchmark"
}

measure_json() {
  local tool unit time passes bytes once more
  prepare_json
  for unit in line whole; do
    bytes=$(wc -c <"$dir/$unit.json")
    for tool in "${json_tools[@]}"; do
      if [ "$tool" = jq ]; then
        read -r time passes < <(scan_jq "$unit")
      else
        read -r time passes < <(scan "$tool" "$unit" 0.5)
      fi
      note "json-$unit-$tool" \
        "$(awk -v bytes="$bytes" -v passes="$passes" -v time="$time" 'BEGIN { print bytes * passes / time * 1e3 }')"
      # Instructions do not vary, so once is enough; an interpreter's say no more than its time.
      [[ $round = 1 && $tool != jq && $tool != python ]] || continue
      once=$(instructions "$tool" "$unit" 1x)
      more=$(instructions "$tool" "$unit" 3x)
      json_instructions[$unit-$tool]=$(awk -v once="$once" -v more="$more" -v bytes="$bytes" 'BEGIN {
        printf "%.1f", (more - once) / 2 / bytes }')
    done
  done
}

table_json() {
  local unit tool what bound name
  for unit in line whole; do
    what='JSON scan of 0.6 kB bodies'
    [ "$unit" = line ] || what='JSON scan of 1 MB'
    what+=", ${json_instructions[$unit-notice]} instructions a byte"
    for tool in jq python simdjson simdjson-parse rapidjson; do
      bound=–
      case $tool in
        jq) bound='>= 10' name='`jq -c .`' ;;
        python) bound='>= 10' name="python's json" ;;
        simdjson) name='simdjson minify (validates nothing)' ;;
        simdjson-parse) name='simdjson parse and minify' ;;
        rapidjson) name='RapidJSON reader to writer' ;;
      esac
      [ -z "${json_instructions[$unit-$tool]:-}" ] || name+=", ${json_instructions[$unit-$tool]}"
      row "$what" MB/s "json-$unit-notice" "$name" "json-$unit-$tool" \
        "json-$unit-notice json-$unit-$tool /" "$bound"
    done
  done
}
