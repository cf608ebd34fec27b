# What every row needs: processes that end with the run, figures, and the table. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2154

say() { printf '== %s\n' "$*" >&2; }
fail() {
  printf 'bench.sh: fatal: %s\n' "$*" >&2
  exit 1
}

# --- The run -------------------------------------------------------------------------------------

begin() {
  umask 077
  dir=$(mktemp -d "$parent/notice-bench.XXXXXX")
  [ ${#dir} -le 80 ] || fail "$dir is too long for the path of a socket: choose another --dir"
  mkdir "$dir/logs" "$dir/run"
  results=$dir/results
  : >"$results"
  declare -gA pids=()
  trap end EXIT
  trap 'exit 130' INT TERM HUP
}

end() {
  local status=$? name
  trap '' INT TERM HUP
  for name in "${!pids[@]}"; do stop "$name"; done
  [ "$status" -eq 0 ] || tail -n 3 "$dir"/logs/*.log >&2 2>/dev/null || true
  rm -rf "$dir"
  exit "$status"
}

# --- Processes -----------------------------------------------------------------------------------

# start NAME COMMAND…: in a session of its own, so that what it starts can be ended with it.
start() {
  local name=$1
  shift
  setsid "$@" >>"$dir/logs/$name.log" 2>&1 </dev/null &
  pids[$name]=$!
}

# stop NAME: asks, waits for ten seconds, then insists.
stop() {
  local pid=${pids[$1]} tries
  unset "pids[$1]"
  kill -s TERM "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 200; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.05
  done
  kill -s KILL -- "-$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

# wait_for NAME COMMAND…: until the command succeeds while NAME runs, for 15 seconds at most.
wait_for() {
  local name=$1 tries
  shift
  for ((tries = 0; tries < 300; tries++)); do
    if "$@" 2>/dev/null; then return 0; fi
    kill -0 "${pids[$name]}" 2>/dev/null || break
    sleep 0.05
  done
  fail "$name has ended or needs more than 15 s"
}

# The first free port of loopback from $1 on.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# The most memory that a process has had, in MB.
peak_megabytes() { awk '/^VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

# The processor time that a process has taken up, in seconds.
processor_seconds() {
  awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / ticks }' "/proc/$1/stat"
}

# Runs a command, its output left aside, and prints the seconds it took.
seconds_of() {
  local start=$EPOCHREALTIME
  "$@" >>"$dir/logs/commands.log" 2>&1 || fail "$1 failed"
  awk -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.6f", end - start }'
}

# --- Figures -------------------------------------------------------------------------------------

# note FIGURE VALUE: one measurement of this round.
note() {
  printf '%s %s %s\n' "$1" "$round" "$2" >>"$results"
  printf '   %-24s %s\n' "$1" "$2" >&2
}

# The median over the rounds of a figure, or of an expression over figures of the same round: median 'a b /'
# divides a by b; also - and +. A number stands for itself.
median() {
  awk -v expression="$1" '
    { value[$1, $2] = $3; if ($2 > rounds) rounds = $2 }
    END {
      count = split(expression, word, " ")
      for (round = 1; round <= rounds; round++) {
        depth = 0
        for (i = 1; i <= count; i++) {
          if (word[i] == "/") { depth--; stack[depth] = stack[depth + 1] ? stack[depth] / stack[depth + 1] : 0 }
          else if (word[i] == "-") { depth--; stack[depth] -= stack[depth + 1] }
          else if (word[i] == "+") { depth--; stack[depth] += stack[depth + 1] }
          else stack[++depth] = (word[i] ~ /^[0-9.]+$/) ? word[i] : value[word[i], round]
        }
        result[round] = stack[1] + 0
      }
      for (i = 2; i <= rounds; i++) {
        moved = result[i]
        for (j = i - 1; j >= 1 && result[j] > moved; j--) result[j + 1] = result[j]
        result[j + 1] = moved
      }
      half = int((rounds + 1) / 2)
      print rounds % 2 ? result[half] : (result[half] + result[half + 1]) / 2
    }' "$results"
}

# --- The table -----------------------------------------------------------------------------------

# Three digits that count, thousands with a comma.
figure() {
  awk -v value="$1" 'BEGIN {
    if (value >= 1000) { value = sprintf("%.0f", value); while (match(value, /^[0-9]+[0-9][0-9][0-9]($|,)/)) {
      head = value; sub(/,.*/, "", head); tail = substr(value, length(head) + 1)
      value = substr(head, 1, length(head) - 3) "," substr(head, length(head) - 2) tail } print value }
    else if (value >= 100) printf "%.0f\n", value
    else if (value >= 10) printf "%.1f\n", value
    else printf "%.2f\n", value
  }'
}

# row MEASURE UNIT OURS PEER THEIRS RATIO BOUND: the three figures are expressions for median, or – ; BOUND is like
# '>= 1.0' and is held against RATIO, or against OURS where there is no RATIO.
row() {
  local ours=– theirs=– ratio=– verdict='' held
  ours=$(median "$3")
  held=$ours
  if [ "$6" != – ]; then held=$(median "$6") && ratio="$(figure "$held")×"; fi
  [ "$5" = – ] || theirs="$(figure "$(median "$5")") $2"
  if [ "$7" != – ]; then
    verdict=$(awk -v held="$held" -v bound="$7" 'BEGIN {
      split(bound, part, " ")
      print (part[1] == ">=" ? held >= part[2] : held <= part[2]) ? "yes" : "**no**" }')
  fi
  local shown=${7/>=/≥}
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$(figure "$ours") $2" "$4" "$theirs" "$ratio" \
    "${shown/<=/≤}" "$verdict"
}

describe_machine() {
  local model
  model=$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)
  machine="$(nproc) cores of ${model:-$(uname -m)}, Linux $(uname -r | cut -d- -f1), \
$(findmnt -n -o FSTYPE -T "$dir"), $(nginx -v 2>&1 | sed 's|.*nginx/|nginx |; s| .*||2')"
  [ "$(findmnt -n -o FSTYPE -T "$dir")" != tmpfs ] || fail "$dir is in memory: choose a --dir on a disk"
}

print_table() {
  local name printed=' '
  printf '\n%s, %s\n' "$machine" "$(date -u +%Y-%m-%d)"
  printf 'Medians of %s rounds of %s s; a ratio is the median of those within a round.\n\n' "$rounds" "$seconds"
  printf '| measure | notice | beside it | its figure | ratio | to reach | reached |\n'
  printf '| --- | --- | --- | --- | --- | --- | --- |\n'
  for name in "${rows[@]}"; do
    [[ $printed != *" $name "* ]] || continue
    printed+="$name "
    "table_$name"
  done
}
