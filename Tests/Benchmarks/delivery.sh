# Rows http, sqlite and latency: from the spool to a destination. Sourced by bench.sh.
# shellcheck shell=bash disable=SC2154

# One segment of records with bodies of 0.6 kB from a thousand chats, made once.
prepare_backlog() {
  backlog_records=${quick:+5000}
  backlog_records=${backlog_records:-70000}
  [ -d "$dir/backlog" ] || "$dir/segments" "$dir/backlog" "$backlog_records" 1000 "$dir/body.template" \
    >"$dir/logs/backlog.bytes"
}

# deliver URL: a sender with nothing done before delivers the backlog and leaves. Prints the seconds.
deliver() {
  rm -rf "$dir"/backlog/{state,dead,archive,quarantine,rescue,lock}
  seconds_of "$bin/notice-sender" once --spool "$dir/backlog" --to "bench=$1" --body record
  jq -e ".counts.delivered == $backlog_records and .unsettled == []" "$dir/backlog/state/bench.json" \
    >/dev/null || fail "not all was delivered to $1"
}

per_second() { awk -v count="$1" -v seconds="$2" 'BEGIN { print count / seconds }'; }

measure_http() {
  local before took
  start_nginx
  prepare_backlog
  before=$(nginx_requests)
  took=$(deliver "http://127.0.0.1:$port/sink")
  [ $(($(nginx_requests) - before - 1)) -ge "$backlog_records" ] || fail 'http: nginx got fewer requests'
  note http-notice "$(per_second "$backlog_records" "$took")"
  before=$(nginx_requests)
  took=$(seconds_of "$dir/post-c" "http://127.0.0.1:$port/sink" "$dir"/backlog/segments/*.ndjson)
  [ $(($(nginx_requests) - before - 1)) = "$backlog_records" ] || fail 'http: nginx got fewer requests'
  note http-c "$(per_second "$backlog_records" "$took")"
}

table_http() {
  row 'deliveries/s to nginx, 32 in flight, all accounts kept' '' http-notice 'C, libcurl multi, no accounts' http-c \
    'http-notice http-c /' '>= 0.9'
}

# import_lines DATABASE TABLE SCHEMA: by the sqlite3 shell, a thousand lines a transaction, each synced. Prints the
# seconds.
import_lines() {
  local chunk script=$dir/import.sql
  rm -f "$1" "$1"-*
  {
    printf 'PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\n%s\n' "$3"
    printf '.mode ascii\n.separator "\\037" "\\n"\n'
    # Each .import is a transaction.
    for chunk in "$dir"/chunks/*; do printf '.import %s %s\n' "$chunk" "$2"; done
  } >"$script"
  seconds_of sqlite3 -bail "$1" ".read $script"
}

rows_of() { sqlite3 -readonly "$1" "SELECT count(*) FROM $2"; }

measure_sqlite() {
  local took database=$dir/notice.db columns
  prepare_backlog
  if [ ! -d "$dir/chunks" ]; then
    mkdir "$dir/chunks"
    split -l 1000 "$dir"/backlog/segments/*.ndjson "$dir/chunks/"
  fi
  rm -f "$database" "$database"-*
  took=$(deliver "sqlite:$database")
  [ "$(rows_of "$database" notices)" = "$backlog_records" ] || fail 'sqlite: rows are missing'
  note sqlite-notice "$(per_second "$backlog_records" "$took")"

  took=$(import_lines "$dir/bare.db" lines 'CREATE TABLE lines(record TEXT NOT NULL);')
  [ "$(rows_of "$dir/bare.db" lines)" = "$backlog_records" ] || fail 'sqlite: the shell left rows out'
  note sqlite-bare "$(per_second "$backlog_records" "$took")"

  # The same table with the same indexes, its columns found by SQLite's own JSON functions.
  columns="id, received_at, kind, message_id, chat_id, room_id, room_topic, contact_id, contact_name, bot_id, type,
    type_name, sent_at, is_self, mention_self, source, text, record"
  took=$(import_lines "$dir/same.db" lines "$(sqlite3 -readonly "$database" .schema)
    CREATE VIEW lines AS SELECT record FROM notices;
    CREATE TRIGGER lines_insert INSTEAD OF INSERT ON lines BEGIN
      INSERT INTO notices($columns) SELECT
        json_extract(new.record, '\$.id'), json_extract(new.record, '\$.receivedAt'),
        json_extract(new.record, '\$.kind'), json_extract(data, '\$.messageId'), json_extract(data, '\$.chatId'),
        json_extract(data, '\$.roomId'), json_extract(data, '\$.roomTopic'), json_extract(data, '\$.contactId'),
        json_extract(data, '\$.contactName'), json_extract(data, '\$.botId'), json_extract(data, '\$.type'), 'text',
        strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(data, '\$.timestamp') / 1000.0, 'unixepoch'),
        json_extract(data, '\$.isSelf'), json_extract(data, '\$.mentionSelf'), json_extract(data, '\$.source'),
        json_extract(data, '\$.payload.text'), new.record
      FROM (SELECT json_extract(new.record, '\$.body.data') AS data) WHERE true
      ON CONFLICT(id) DO NOTHING;
    END;")
  [ "$(rows_of "$dir/same.db" notices)" = "$backlog_records" ] || fail 'sqlite: the shell left rows out'
  note sqlite-same "$(per_second "$backlog_records" "$took")"
}

table_sqlite() {
  local what='records/s into SQLite, 1000 a transaction, synced'
  row "$what" '' sqlite-notice 'sqlite3 shell, the same table' sqlite-same 'sqlite-notice sqlite-same /' '>= 0.8'
  row "$what" '' sqlite-notice 'sqlite3 shell, one column, no index' sqlite-bare 'sqlite-notice sqlite-bare /' –
}

measure_latency() {
  local receiver p50 p99 longest
  start_nginx
  receiver=$(free_port 19080)
  start_intake sync
  : >"$dir/logs/latency.log"
  start latency "$dir/latency" "$port" "$receiver" 100 "$((seconds * 2))" "$dir/body.template"
  wait_for latency grep -q listens "$dir/logs/latency.log"
  start sender "$bin/notice-sender" run --spool "$dir/intake" --to "http://127.0.0.1:$receiver/" --body original
  wait "${pids[latency]}" || fail 'latency: see above'
  stop latency
  stop sender
  stop intake
  read -r p50 p99 longest _ < <(tail -n 1 "$dir/logs/latency.log")
  note latency-p50 "$p50"
  note latency-p99 "$p99"
  note latency-longest "$longest"
}

table_latency() {
  row 'from the 200 to the receiver, 100 messages/s, p50' ms latency-p50 – – – '<= 1'
  row 'its p99' ms latency-p99 – – – '<= 5'
  row 'its longest' ms latency-longest – – – –
}
