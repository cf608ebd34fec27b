#!/usr/bin/env bash
# Packs notice-sender with all the libraries it needs into one directory, for a host that lacks some and where nobody
# may install any:
#
#   nginx/shared-hosting/bundle.sh [PROGRAM] DIRECTORY
#
# PROGRAM: otherwise the one that is built in .build/release. DIRECTORY is made; copied to ~/bin/notice on the host, its
# file `notice-sender` is what the cron line starts. It must have the same architecture, and any Linux of this decade.
# For https: destinations it looks for certificates where Debian has them, in /etc/ssl/certs/ca-certificates.crt; elsewhere, name them
# in its settings: `ca_file`.
set -euo pipefail

fail() {
  printf 'bundle.sh: fatal: %s\n' "$*" >&2
  exit 1
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=$project/.build/release/notice-sender
[ $# -lt 2 ] || { program=$1; shift; }
[ $# -eq 1 ] || fail 'one directory is needed: bundle.sh [PROGRAM] DIRECTORY'
directory=$1
[ -x "$program" ] || fail "there is no program $program; build it: nginx/run.sh --once"
[ ! -e "$directory" ] || fail "$directory is there already"

mkdir -p "$directory/lib"
install -m 755 "$program" "$directory/lib/notice-sender"
loader=''
while read -r library; do
  install -m 755 "$library" "$directory/lib/"
  case ${library##*/} in ld-linux*) loader=${library##*/} ;; esac
done < <(ldd "$program" | grep -oE '/[^ ]+')
[ -n "$loader" ] || fail "ldd names no loader for $program"

# The loader is its own, too: the host's may be older than the libraries.
cat >"$directory/notice-sender" <<TEXT
#!/bin/sh
here=\$(CDPATH='' cd -- "\$(dirname -- "\$0")" && pwd)
exec "\$here/lib/$loader" --library-path "\$here/lib" "\$here/lib/notice-sender" "\$@"
TEXT
chmod 755 "$directory/notice-sender"
