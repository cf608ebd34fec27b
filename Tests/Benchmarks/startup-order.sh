#!/usr/bin/env bash
# Writes Sources/NoticeHandler/startup.order anew: the functions and variables that a CGI process comes to, in that order, by
# valgrind's trace of one. To be run when a toolchain or a change has moved them; what is not in the program is passed over
# by the linker.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
body=$project/Tests/Samples/text-private.json
dir=$(mktemp -d "${TMPDIR:-/tmp}/notice-order.XXXXXX")
trap 'rm -rf "$dir"' EXIT

build=(swift build --package-path "$project" -c release --static-swift-stdlib)
"${build[@]}" --product notice-handler >&2
handler=$("${build[@]}" --show-bin-path)/notice-handler

export GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD=GET REQUEST_URI=/notice SCRIPT_NAME=/notice \
  QUERY_STRING='' REMOTE_ADDR=203.0.113.7 CONTENT_TYPE=application/json NOTICE_SPOOL=$dir/spool
CONTENT_LENGTH=$(wc -c <"$body")
export CONTENT_LENGTH

# The first makes the spool, which few ever do.
"$handler" <"$body" >"$dir/answer"
valgrind --tool=lackey --trace-mem=yes --log-file="$dir/trace" "$handler" <"$body" >"$dir/answer"
grep -q '^Status: 200' "$dir/answer" || { echo 'startup-order.sh: fatal: no 200' >&2 && exit 1; }

nm -n --defined-only "$handler" | awk '{ print $1, $3 }' >"$dir/symbols"
# "I  00322440,2" is an instruction, " S 0032dd38,8" a store.
awk '/^(I | [LSM]) / { split($2, place, ","); if (!(place[1] in seen)) { seen[place[1]]; print place[1] } }' \
  "$dir/trace" >"$dir/places"
# Both are written in hexadecimal, the symbols' places with 16 digits.
echo '# Written by Tests/Benchmarks/startup-order.sh.' >"$dir/order"
awk '
  FNR == NR { at[++count] = $1 ""; name[count] = $2; next }
  {
    place = substr("0000000000000000", length($1) + 1) $1
    if (place < at[1] || place >= at[count]) next
    low = 1
    high = count
    while (low < high) {
      middle = int((low + high + 1) / 2)
      if (at[middle] <= place) low = middle
      else high = middle - 1
    }
    # One place may have several names.
    while (at[low - 1] == at[low]) low--
    do if (!(name[low] in seen)) { seen[name[low]]; print name[low] }
    while (at[++low] == at[low - 1])
  }' "$dir/symbols" "$dir/places" >>"$dir/order"
[ "$(wc -l <"$dir/order")" -gt 500 ] || { echo 'startup-order.sh: fatal: no trace' >&2 && exit 1; }
mv "$dir/order" "$project/Sources/NoticeHandler/startup.order"
wc -l "$project/Sources/NoticeHandler/startup.order" >&2
