# Row cgi: a process for each request, from before vfork to after wait. Each program is a copy, as installing makes one:
# what a linker has written lies in the page cache by single pages, which cost each process more to map. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2154

# one FIGURE PROGRAM: notes the median of many runs in milliseconds, after a first one has shown that it answers 200.
one() {
  local runs=200 microseconds
  [ -z "$quick" ] || runs=20
  cp "$2" "$dir/installed"
  "$dir/installed" <"$dir/body.json" >"$dir/logs/answer" 2>>"$dir/logs/cgi.log"
  if [ "$1" != cgi-true ]; then
    grep -q '{}' "$dir/logs/answer" || fail "$1 gives no answer"
    if grep -q '^Status: [^2]' "$dir/logs/answer"; then fail "$1 does not answer 200"; fi
  fi
  microseconds=$("$dir/spawn" "$runs" "$dir/body.json" "$dir/installed")
  note "$1" "$(awk -v time="$microseconds" 'BEGIN { print time / 1000 }')"
  expected=$((runs + 1))
}

measure_cgi() {
  local file=$dir/cgi.ndjson expected
  rm -rf "$dir/cgi" "$file" "$file.php"
  (
    export GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD=GET REQUEST_URI=/notice
    export SCRIPT_NAME=/notice QUERY_STRING='' REMOTE_ADDR=203.0.113.7 CONTENT_TYPE=application/json
    CONTENT_LENGTH=$(wc -c <"$dir/body.json")
    export CONTENT_LENGTH NOTICE_SPOOL=$dir/cgi NOTICE_FILE=$file
    one cgi-true /bin/true
    one cgi-c "$dir/cgi-c"
    one cgi-notice "$bin/notice-handler"
    export REDIRECT_STATUS=200 SCRIPT_FILENAME=$here/peers/intake.php NOTICE_FILE=$file.php
    one cgi-php "$(command -v php-cgi)"
    [ "$(wc -l <"$file")" = "$expected" ] || fail 'cgi: not all is kept by C'
    [ "$(wc -l <"$file.php")" = "$expected" ] || fail 'cgi: not all is kept by php-cgi'
    [ "$(cat "$dir"/cgi/segments/*.ndjson | wc -l)" = "$expected" ] || fail 'cgi: not all is kept'
  )
}

table_cgi() {
  local bound
  # 1.5 times the C program's extra time, or 0.4 ms where that is more.
  bound=$(awk -v extra="$(median 'cgi-c cgi-true -')" 'BEGIN {
    bound = 0.4 / extra; print (bound > 1.5 ? bound : 1.5) }')
  row "CGI, over \`/bin/true\` ($(figure "$(median cgi-true)") ms)" ms 'cgi-notice cgi-true -' 'C, fdatasync' \
    'cgi-c cgi-true -' 'cgi-notice cgi-true - cgi-c cgi-true - /' "<= $(figure "$bound")"
  row 'CGI, fork and exec included' ms cgi-notice 'php-cgi, fdatasync' cgi-php 'cgi-php cgi-notice /' '>= 10'
}
