# Rows postgresql and kafka: from the spool into an engine. Sourced by bench.sh, after delivery.sh.
# shellcheck shell=bash disable=SC2154

wants_engines() { [[ " ${rows[*]} " =~ ' postgresql '|' kafka ' ]]; }

missing_for_engines() {
  local pair
  [ -e /usr/include/librdkafka/rdkafka.h ] || echo librdkafka-dev
  [ -e /usr/include/postgresql/libpq-fe.h ] || echo libpq-dev
  for pair in /usr/lib/postgresql/*/bin/initdb:postgresql /usr/bin/kcat:kcat; do
    compgen -G "${pair%%:*}" >/dev/null || echo "${pair#*:}"
  done
}

# The sender with both traits, built beside the other; a PostgreSQL and a mock of Kafka, both of this run.
start_engines() {
  [ -z "${engines_bin:-}" ] || return 0
  engines_bin=${NOTICE_ENGINES_BIN:-}
  if [ -z "$engines_bin" ]; then
    local command=(swift build --package-path "$project" --scratch-path "$project/.build-engines" -c release
      --static-swift-stdlib --traits 'PostgreSQL,Kafka')
    say 'building notice-sender with PostgreSQL and Kafka'
    "${command[@]}" --product notice-sender >&2
    engines_bin=$("${command[@]}" --show-bin-path)
  fi
  start_postgresql
  start_mock_cluster
}

# PostgreSQL refuses to run as root: there it runs as nobody, who may pass through the directories above its own.
start_postgresql() {
  local programs=(/usr/lib/postgresql/*/bin) user=()
  programs=("${programs[-1]}")
  mkdir "$dir/postgresql"
  if [ "$EUID" -eq 0 ]; then
    user=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=+dac_override
      --ambient-caps=+dac_override)
    chown nobody "$dir/postgresql"
  fi
  "${user[@]}" "${programs[0]}/initdb" -D "$dir/postgresql/data" -U notice -A trust -E UTF8 --locale=C \
    >"$dir/logs/initdb.log" 2>&1 || fail 'initdb failed'
  start postgresql "${user[@]}" "${programs[0]}/postgres" -D "$dir/postgresql/data" -k "$dir/postgresql" \
    -c listen_addresses= -c max_wal_size=4GB
  wait_for postgresql sql 'SELECT 1' >/dev/null
}

# The mock keeps no more than five megabytes of a partition, so it stands for a broker that is never the bottleneck.
start_mock_cluster() {
  gcc -O2 -Wall -Wextra -Werror -o "$dir/mock-cluster" "$here/tools/mock-cluster.c" -lrdkafka
  start mock-cluster "$dir/mock-cluster" 8
  wait_for mock-cluster grep -q : "$dir/logs/mock-cluster.log"
  brokers=$(grep -m 1 -o '127\.0\.0\.1:[0-9]*' "$dir/logs/mock-cluster.log")
}

sql() { psql -X -A -t -q -v ON_ERROR_STOP=1 -h "$dir/postgresql" -U notice -d postgres -c "$1"; }

# deliver_to_engine URL: prints the seconds.
deliver_to_engine() {
  # shellcheck disable=SC2034  # deliver's
  local bin=$engines_bin
  deliver "$1"
}

measure_postgresql() {
  local took copy=$dir/postgresql.copy
  prepare_backlog
  start_engines
  sql 'DROP TABLE IF EXISTS notices; CHECKPOINT'
  took=$(deliver_to_engine "postgres:host=$dir/postgresql user=notice dbname=postgres")
  [ "$(sql 'SELECT count(*) FROM notices')" = "$backlog_records" ] || fail 'postgresql: rows are missing'
  note postgresql-notice "$(per_second "$backlog_records" "$took")"

  # The same rows into the same table, columns ready made, all of it one transaction.
  sql "\\copy (SELECT * FROM notices ORDER BY id) TO '$copy'"
  sql 'DROP TABLE IF EXISTS same'
  sql 'CREATE TABLE same (LIKE notices INCLUDING ALL)'
  sql 'CHECKPOINT'
  took=$(seconds_of sql "\\copy same FROM '$copy'")
  [ "$(sql 'SELECT count(*) FROM same')" = "$backlog_records" ] || fail 'postgresql: \copy left rows out'
  note postgresql-copy "$(per_second "$backlog_records" "$took")"
  rm "$copy"
}

table_postgresql() {
  row 'records/s into PostgreSQL, 500 a transaction, synced' '' postgresql-notice \
    'psql \copy, the same rows in one transaction' postgresql-copy 'postgresql-notice postgresql-copy /' '>= 0.8'
}

measure_kafka() {
  local took lines=$dir/keyed
  prepare_backlog
  start_engines
  took=$(deliver_to_engine "kafka://$brokers/notices")
  note kafka-notice "$(per_second "$backlog_records" "$took")"
  # The key, a tab, the line; and headers of the same size, but the same for all.
  [ -e "$lines" ] || sed 's/.*"chatId":"\([^"]*\)".*/\1\t&/' "$dir"/backlog/segments/*.ndjson >"$lines"
  took=$(seconds_of kcat -P -b "$brokers" -t notices -K '\t' -X enable.idempotence=true -X acks=all \
    -X linger.ms=1 -X queue.buffering.max.kbytes=65536 -H 'id=00000000-0000-7000-8000-000000000000' -H type=text \
    -l "$lines")
  note kafka-kcat "$(per_second "$backlog_records" "$took")"
}

table_kafka() {
  row 'records/s into Kafka (mock), idempotent, acks=all' '' kafka-notice \
    'kcat, the same records, no accounts' kafka-kcat 'kafka-notice kafka-kcat /' '>= 0.8'
}
