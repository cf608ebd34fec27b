# The programs that take part: installed, built, and how the servers are started. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2154

install_missing() {
  local missing=() pair php_fpm=(/usr/sbin/php-fpm[0-9]*)
  for pair in nginx:nginx-light wrk:wrk php-cgi:php-cgi go:golang-go jq:jq python3:python3 sqlite3:sqlite3 \
    curl:curl gcc:gcc g++:g++ valgrind:valgrind setsid:util-linux; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ -x "${php_fpm[0]}" ] || missing+=(php-fpm)
  for pair in fcgiapp.h:libfcgi-dev curl/curl.h:libcurl4-openssl-dev rapidjson/reader.h:rapidjson-dev \
    simdjson.h:libsimdjson-dev; do
    echo "#include <${pair%%:*}>" | g++ -E -x c++ - >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  if wants_engines; then missing+=($(missing_for_engines)); fi
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local sudo=() guard=''
  [ "$EUID" -eq 0 ] || sudo=(sudo)
  # Debian starts a service as it installs it; this is its own way to say no.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    guard=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$guard" >/dev/null
    "${sudo[@]}" chmod 755 "$guard"
  fi
  "${sudo[@]}" apt-get update -qq &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || pair=failed
  [ -z "$guard" ] || "${sudo[@]}" rm -f "$guard"
  [ "$pair" != failed ] || fail "unable to install ${missing[*]}"
}

build() {
  if [ -z "$bin" ]; then
    local command=(swift build --package-path "$project" -c release --static-swift-stdlib) program
    for program in notice-handler notice-sender JSONBenchmark; do
      say "building $program"
      "${command[@]}" --product "$program" >&2
    done
    bin=$("${command[@]}" --show-bin-path)
  fi
  local program
  for program in notice-handler notice-sender; do
    [ -x "$bin/$program" ] || fail "there is no program $bin/$program"
  done
  say 'building the peers'
  local flags=(-O2 -Wall -Wextra -Werror)
  gcc "${flags[@]}" -o "$dir/fcgi-c" "$here/peers/fcgi.c" -lfcgi -lpthread
  gcc "${flags[@]}" -o "$dir/cgi-c" "$here/peers/cgi.c"
  gcc "${flags[@]}" -o "$dir/post-c" "$here/peers/post.c" -lcurl
  GOCACHE="$project/.build/bench-go" GO111MODULE=off \
    go build -o "$dir/fcgi-go" "$here/peers/fcgi.go"
  local tool
  for tool in spawn segments first latency; do
    gcc "${flags[@]}" -o "$dir/$tool" "$here/tools/$tool.c"
  done
  if [[ " ${rows[*]} " == *' json '* ]]; then
    g++ -O2 -DNDEBUG -o "$dir/minify" "$here/peers/minify.cpp" -lsimdjson
  fi
  # 0.6 kB without a line feed, and the same with a place for a chat.
  jq -c . "$project/Tests/Samples/text-private.json" | tr -d '\n' >"$dir/body.json"
  sed 's/"chatId":"[^"]*"/"chatId":"%CHAT%"/' "$dir/body.json" >"$dir/body.template"
  export NOTICE_BODY=$dir/body.json
}

# start_nginx [NAME]: nginx with the project's own files, save what would get in the way of measuring: the limits of one
# caller, and the rescue, which would hide a server that fails. Whoever takes part under NAME (intake) listens on its
# socket in turn. ports[NAME] is where it listens, port that of intake.
declare -A ports=()
start_nginx() {
  local name=${1:-intake} file globals='daemon off;' place
  [ -z "${pids[nginx-$name]:-}" ] || return 0
  [ "$EUID" -ne 0 ] || globals+=' user root;'
  place=$dir/nginx-$name
  ports[$name]=$(free_port 18080)
  mkdir -p "$place" "$dir/run/$name" "$dir/spool/rescue"
  echo 'default 1;' >"$place/notice.keys"
  for file in nginx.conf notice-http.conf notice.conf; do
    sed -e "s|/run/notice|$dir/run/$name|; t" -e "s|/var/spool/notice|$dir/spool|; t" \
      -e "s|/var/log/nginx|$dir/logs|; t" -e "s|127.0.0.1:8080|127.0.0.1:${ports[$name]}|; t" \
      -e 's|^ *limit_req .*||' -e 's|^ *error_page .*||' \
      -e 's|server_tokens off;|& keepalive_requests 1000000;|' \
      -e "s|fastcgi_param REMOTE_ADDR .*|& fastcgi_param SCRIPT_FILENAME \"$here/peers/intake.php\";|" \
      -e 's|location / {|location = /sink { return 200; } location = /status { stub_status; } &|' \
      "$project/nginx/$file" >"$place/$file"
  done
  start "nginx-$name" nginx -p "$place" -c nginx.conf -g "$globals"
  wait_for "nginx-$name" curl -sf -o "$dir/logs/status" "http://127.0.0.1:${ports[$name]}/status"
  [ "$name" != intake ] || port=${ports[intake]}
}

# Requests that nginx has taken so far.
nginx_requests() { curl -sf "http://127.0.0.1:$port/status" | awk 'NR == 3 { print $3 }'; }

# start_intake KIND [NAME]: a server behind the nginx of that name, with nothing kept yet; KIND is c, go, php, or the
# project's mode of durability.
start_intake() {
  local name=${2:-intake} socket file
  socket=$dir/run/$name/handler.sock
  file=$dir/$name.ndjson
  rm -rf "$file" "${dir:?}/$name" "$socket"
  case $1 in
    c) start "$name" "$dir/fcgi-c" "$socket" "$file" ;;
    go) start "$name" "$dir/fcgi-go" "$socket" "$file" ;;
    php)
      local php_fpm=(/usr/sbin/php-fpm[0-9]*) root=()
      [ "$EUID" -ne 0 ] || root=(--allow-to-run-as-root)
      cat >"$dir/php-fpm.conf" <<TEXT
[global]
error_log = $dir/logs/php-fpm.log
[intake]
listen = $socket
listen.backlog = 4096
pm = static
pm.max_children = 64
env[NOTICE_FILE] = $file
TEXT
      if [ "$EUID" -eq 0 ]; then printf 'user = root\ngroup = root\n' >>"$dir/php-fpm.conf"; fi
      start "$name" "${php_fpm[0]}" --nodaemonize --fpm-config "$dir/php-fpm.conf" "${root[@]}"
      ;;
    many-workers)
      start "$name" "$bin/notice-handler" --listen "unix:$socket" --spool "$dir/$name" --workers 64
      ;;
    *)
      start "$name" "$bin/notice-handler" --listen "unix:$socket" --spool "$dir/$name" --durability "$1"
      ;;
  esac
  wait_for "$name" curl -sf -o "$dir/logs/answer" -X GET --data-binary "@$dir/body.json" \
    "http://127.0.0.1:${ports[$name]}/notice"
}

# intake_records NAME: records that the server has kept, of which one is start_intake's.
intake_records() {
  if [ -d "$dir/$1" ]; then
    cat "$dir/$1"/segments/*.ndjson | grep -a -c ',"crc32c":"[0-9a-f]\{8\}"}$'
  else
    wc -l <"$dir/$1.ndjson"
  fi
}
