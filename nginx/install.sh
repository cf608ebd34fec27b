#!/usr/bin/env bash
# Puts programs, manual pages, completions, systemd units, nginx's files, settings and a spool where they
# belong, and takes them away again. `install.sh --help` says more.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: nginx/install.sh [--prefix DIR] [--user NAME] [--bin DIR] [--dry-run]
       nginx/install.sh [--prefix DIR] [--dry-run] --uninstall

Without --prefix it installs for the whole machine, as root: /usr/local, /etc/notice, /etc/nginx/snippets,
/etc/systemd/system, /var/spool/notice. Nothing is started and nginx is not changed: what remains to be done is
said at the end. Done again, it replaces what is its own; settings that were changed stay as they are.

  --prefix DIR  put everything below DIR and nothing elsewhere; root is not needed
  --user NAME   who runs the programs and owns the spool; made if missing (otherwise: notice for root, yourself for you)
  --bin DIR     take notice-handler and notice-sender from DIR (otherwise: from .build/release, built if missing)
  --dry-run     show what would be done, line by line, and do nothing
  --uninstall   take everything away again, but not the spool, nor databases, nor settings that were changed
TEXT
}

fail() {
  printf 'install.sh: fatal: %s\n' "$*" >&2
  exit 1
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
prefix=/usr/local user='' bin='' dry_run='' uninstall='' staging=''
# --staging DIR is package.sh's: the files alone, below DIR, as they lie on a machine with --prefix /usr.

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix | --user | --bin | --staging)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case $1 in
          --prefix) prefix=$2 ;;
          --user) user=$2 ;;
          --bin) bin=$2 ;;
          --staging) staging=$2 ;;
        esac
        shift
        ;;
      --dry-run) dry_run=yes ;;
      --uninstall) uninstall=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) fail "unknown option $1; install.sh --help lists them" ;;
    esac
    shift
  done
  [[ $prefix == /* ]] || prefix=$PWD/$prefix
  prefix=${prefix%/}
  # It goes into units and nginx's files as it is, and a socket's path has at most 107 bytes.
  [[ $prefix =~ ^/[A-Za-z0-9_./+,-]{1,85}$ ]] ||
    fail "choose a --prefix of at most 85 plain characters without spaces, not $prefix"
  [[ -z $user || $user =~ ^[a-z_][a-z0-9_-]*$ ]] || fail "--user $user is not a user's name"
}

# Where things go. Below a prefix of one's own, settings, spool and sockets are there, too.
choose_places() {
  local root=$prefix
  units=$prefix/lib/systemd/system tmpfiles=$prefix/lib/tmpfiles.d
  zsh=$prefix/share/zsh/site-functions logs=$prefix/var/log
  case $prefix in
    /usr/local) root='' logs=/var/log/nginx units=/etc/systemd/system tmpfiles=/etc/tmpfiles.d ;;
    /usr) root='' logs=/var/log/nginx zsh=/usr/share/zsh/vendor-completions ;;
  esac
  settings=$root/etc/notice snippets=$root/etc/nginx/snippets
  spool=$root/var/spool/notice databases=$root/var/lib/notice run=$root/run/notice
  manifest=$prefix/share/notice/installed

  if [ "$EUID" -eq 0 ] || [ -n "$staging" ]; then
    [ -n "$user" ] || user=notice
    owner=root group=$user
  else
    [ -n "$root" ] || fail 'this needs root; --prefix DIR does not'
    [ -z "$user" ] || [ "$user" = "$(id -un)" ] || fail 'root alone can install for another user'
    user=$(id -un) owner=$user group=$(id -gn)
  fi
}

find_programs() {
  local program
  if [ -z "$bin" ]; then
    bin=$project/.build/release
    for program in notice-handler notice-sender; do
      [ -x "$bin/$program" ] ||
        swift build --package-path "$project" -c release --static-swift-stdlib --product "$program" >&2
    done
  fi
  for program in notice-handler notice-sender; do
    [ -x "$bin/$program" ] || fail "there is no program $bin/$program"
  done
}

# adapt FILE: to standard output, with its places and its user put in.
adapt() {
  local edits=(
    -e 's|/usr/local/bin|@bin@|g; s|/etc/notice|@settings@|g; s|/var/spool/notice|@spool@|g'
    -e 's|/var/lib/notice|@databases@|g; s|/run/notice|@run@|g; s|/var/log/nginx|@logs@|g'
    -e "s|include notice.keys|include $snippets/notice.keys|"
    -e "s|@bin@|$prefix/bin|g; s|@settings@|$settings|g; s|@spool@|$spool|g; s|@databases@|$databases|g"
    -e "s|@run@|$run|g; s|@logs@|$logs|g"
    -e "s/^\\(User\\|SocketUser\\)=.*/\\1=$user/; s/^\\(Group\\|SocketGroup\\)=.*/\\1=$group/"
    -e "s/^\\(d .* 0750 root\\) notice/\\1 $group/; s/^\\(d .*\\) notice notice/\\1 $user $group/"
  )
  if [ "$databases" != /var/lib/notice ]; then
    edits+=(-e "s|^StateDirectory=.*|ReadWritePaths=$databases|; /^StateDirectoryMode=/d")
  fi
  case $prefix/ in
    /home/* | /root/*) edits+=(-e '/^ProtectHome=/d') ;;
    /tmp/* | /var/tmp/*) edits+=(-e '/^PrivateTmp=/d') ;;
  esac
  # For `systemctl --user`: it can neither change the user nor set capabilities and devices apart.
  if [ "$owner" != root ]; then
    edits+=(
      -e '/^\(Socket\)\?\(User\|Group\)=/d; s/multi-user.target/default.target/'
      -e '/^\(CapabilityBoundingSet\|DevicePolicy\|IPAddressDeny\|PrivateDevices\)=/d'
      -e '/^\(ProcSubset\|ProtectClock\|ProtectKernel.*\|ProtectProc\)=/d'
      -e '/network-online.target$/d'
    )
  fi
  sed "${edits[@]}" "$1"
}

# What is to be installed is made first, in $work, with its place and mode in $plan:
#   KIND MODE OWNER:GROUP PLACE SOURCE     KIND: file, or settings, which stay when they were changed
plan_all() {
  local file name shell
  plan file 0755 "$owner:$owner_group" "$prefix/bin/notice-handler" "$bin/notice-handler"
  plan file 0755 "$owner:$owner_group" "$prefix/bin/notice-sender" "$bin/notice-sender"

  if [ -x "$project/nginx/man.sh" ]; then
    "$project/nginx/man.sh" --bin "$bin" "$work/man" >/dev/null
    for file in "$work"/man/*.1; do
      plan file 0644 "$owner:$owner_group" "$prefix/share/man/man1/${file##*/}" "$file"
    done
  fi
  for shell in bash zsh fish; do
    # It is read, not run: without #!.
    "$bin/notice-sender" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$work/$shell"
  done
  plan file 0644 "$owner:$owner_group" "$prefix/share/bash-completion/completions/notice-sender" "$work/bash"
  plan file 0644 "$owner:$owner_group" "$zsh/_notice-sender" "$work/zsh"
  plan file 0644 "$owner:$owner_group" "$prefix/share/fish/vendor_completions.d/notice-sender.fish" "$work/fish"

  for name in notice-handler.socket notice-handler.service notice-sender.service; do
    adapted "systemd/$name" file 0644 "$units/$name"
  done
  adapted systemd/notice.tmpfiles file 0644 "$tmpfiles/notice.conf"
  plan file 0644 "$owner:$owner_group" "$prefix/share/doc/notice/README.md" "$project/README.md"
  for file in spawn-fcgi/notice-handler {apache-cgi,apache-fcgid,lighttpd-cgi,lighttpd-fastcgi}/notice.conf; do
    adapted "$file" file 0644 "$prefix/share/doc/notice/examples/$file"
  done

  adapted notice-http.conf settings 0644 "$snippets/notice-http.conf"
  adapted notice.conf settings 0644 "$snippets/notice.conf"
  adapted sender.yaml settings 0640 "$settings/sender.yaml" "$group"
  [ -z "$staging" ] || return 0
  # The key is made once; nginx's form of it is made again from what is there.
  if [ -e "$settings/keys" ]; then
    cp "$settings/keys" "$work/keys"
  else
    od -An -N16 -tx1 /dev/urandom | tr -d ' ' >"$work/keys"
  fi
  plan settings 0640 "$owner:$group" "$settings/keys" "$work/keys"
  sed -nE 's,^[A-Za-z0-9_-]+$,"~^&:|/&(/|$)" 1;,p' "$work/keys" >"$work/notice.keys"
  plan settings 0600 "$owner:$owner_group" "$snippets/notice.keys" "$work/notice.keys"
}

plan() { plan+=("$*"); }

# adapted FILE KIND MODE PLACE [GROUP]
adapted() {
  mkdir -p "$work/$(dirname "$1")"
  adapt "$project/nginx/$1" >"$work/$1"
  plan "$2" "$3" "$owner:${5:-$owner_group}" "$4" "$work/$1"
}

# do_it LINE COMMAND…: says the line, and does the command unless nothing is to be done.
do_it() {
  printf '%s\n' "$1"
  shift
  [ -n "$dry_run" ] || "$@"
}

# directory MODE OWNER:GROUP PLACE: with those above it, where they are missing.
directory() {
  local place=$3
  [ ! -d "$staging$place" ] && [ -z "${made[$place]:-}" ] || return 0
  directory 0755 "$owner:$owner_group" "$(dirname "$place")"
  made[$place]=yes
  record+=("directory $place")
  if [ -n "$staging" ]; then
    do_it "directory $1 $2 $place" install -d -m "$1" "$staging$place"
  else
    do_it "directory $1 $2 $place" install -d -m "$1" -o "${2%:*}" -g "${2#*:}" "$place"
  fi
}

# recorded KIND PLACE: the checksum of what was installed there before.
recorded() {
  [ -r "$manifest" ] || return 0
  awk -v place="$1" '$1 == "file" && $3 == place { print $2 }' "$manifest"
}

checksum() { sha256sum <"$1" | cut -d ' ' -f 1; }

install_file() {
  local kind=$1 mode=$2 owners=$3 place=$4 source=$5 before
  if [ "$kind" = settings ] && [ -e "$place" ] && [ -z "$staging" ]; then
    before=$(recorded "$place")
    if [ "$(checksum "$place")" != "$before" ] || [ "$place" = "$settings/keys" ]; then
      printf 'kept %s\n' "$place"
      [ -z "$before" ] || record+=("file $before $place")
      return 0
    fi
  fi
  directory 0755 "$owner:$owner_group" "$(dirname "$place")"
  record+=("file $(checksum "$source") $place")
  if [ -n "$staging" ]; then
    do_it "file $mode $owners $place" install -m "$mode" "$source" "$staging$place"
  else
    # A program that runs cannot be written to; a new one beside it can take its name.
    do_it "file $mode $owners $place" replace "$mode" "$owners" "$place" "$source"
  fi
}

replace() {
  install -m "$1" -o "${2%:*}" -g "${2#*:}" "$4" "$3.new"
  mv "$3.new" "$3"
}

install_all() {
  local line
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  plan=() record=()
  declare -gA made=()
  owner_group=root
  [ "$owner" = root ] || owner_group=$group
  find_programs
  plan_all

  if [ -z "$staging" ] && ! id -u "$user" >/dev/null 2>&1; then
    record+=("user $user")
    do_it "user $user" useradd --system --user-group --home-dir "$spool" --no-create-home \
      --shell /usr/sbin/nologin "$user"
  fi
  directory 0750 "$owner:$group" "$settings"
  if [ -z "$staging" ]; then
    [ "$logs" = /var/log/nginx ] || directory 0750 "$user:$group" "$logs"
    directory 0750 "$user:$group" "$spool"
    directory 2770 "$user:$group" "$spool/rescue"
    directory 0750 "$user:$group" "$databases"
    directory 0750 "$user:$group" "$run"
  fi
  for line in "${plan[@]}"; do
    # shellcheck disable=SC2086  # the five words of a plan
    install_file $line
  done
  [ -z "$staging" ] || return 0
  write_manifest
  if is_system && has_systemd; then do_it 'command systemctl daemon-reload' systemctl daemon-reload; fi
  [ -n "$dry_run" ] || say_what_next
}

# What there is to be taken away again, in the order in which it was made; what was installed earlier counts as well.
write_manifest() {
  directory 0755 "$owner:$owner_group" "$(dirname "$manifest")"
  do_it "file 0644 $owner:$owner_group $manifest" true
  [ -z "$dry_run" ] || return 0
  {
    [ ! -r "$manifest" ] || cat "$manifest"
    printf '%s\n' "${record[@]}"
  } | awk '{ key = $1 == "file" ? $3 : $0; if (!(key in line)) order[n++] = key; line[key] = $0 }
    END { for (i = 0; i < n; i++) print line[order[i]] }' >"$manifest.new"
  chmod 0644 "$manifest.new"
  mv "$manifest.new" "$manifest"
}

is_system() { [ "$settings" = /etc/notice ]; }
has_systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }

say_what_next() {
  if is_system; then
    cat <<TEXT

What remains:
  systemctl enable --now notice-handler.socket notice-handler notice-sender
  usermod -aG $group www-data        # so that nginx may enter $run and write to rescue/
  nginx: 'include snippets/notice-http.conf;' in http, 'include snippets/notice.conf;' in the server that the platform
  calls; then 'nginx -t && systemctl restart nginx'
The address for the platform ends with /notice?key= and what is in $settings/keys.
TEXT
  else
    cat <<TEXT

What remains, as fits this machine:
  $prefix/bin/notice-handler --listen unix:$run/handler.sock --spool $spool --key-file $settings/keys
  $prefix/bin/notice-sender run --config $settings/sender.yaml
or with systemd, the units in $units (systemctl link; for your own: systemctl --user link);
nginx: include $snippets/notice-http.conf in http, $snippets/notice.conf in a server
TEXT
  fi
}

remove_all() {
  [ -r "$manifest" ] || fail "there is no $manifest: nothing is installed in $prefix, or not by this"
  local kind first place lines
  if is_system && has_systemd; then
    do_it 'command systemctl disable --now notice-sender notice-handler notice-handler.socket' \
      systemctl disable --now notice-sender notice-handler notice-handler.socket
  fi
  # It must not be gone before it has been read.
  lines=$(tac "$manifest")
  do_it "remove $manifest" rm -f "$manifest"
  while read -r kind first place; do
    case $kind in
      file) remove_file "$first" "$place" ;;
      directory) remove_directory "$first" ;;
      user) remove_user "$first" ;;
    esac
  done <<<"$lines"
  if is_system && has_systemd; then do_it 'command systemctl daemon-reload' systemctl daemon-reload; fi
  for place in "$spool" "$databases"; do
    [ ! -e "$place" ] || printf 'kept %s: what is in it is yours\n' "$place"
  done
}

# remove_file CHECKSUM PLACE
remove_file() {
  [ -e "$2" ] || return 0
  if [[ $2 == "$settings"/* || $2 == "$snippets"/* ]] && [ "$(checksum "$2")" != "$1" ]; then
    printf 'kept %s: it was changed\n' "$2"
  else
    do_it "remove $2" rm -f "$2"
  fi
}

# Only one that was made here and is empty; a dry run cannot tell, and says so.
remove_directory() {
  [ -d "$1" ] || return 0
  if [ -n "$dry_run" ]; then
    printf 'remove %s if it is empty then\n' "$1"
  elif rmdir "$1" 2>/dev/null; then
    printf 'remove %s\n' "$1"
  fi
}

remove_user() {
  if [ -e "$spool" ] || [ -e "$databases" ]; then
    printf 'kept user %s: the owner of what is kept below\n' "$1"
  else
    do_it "remove user $1" userdel "$1"
  fi
}

parse_options "$@"
choose_places
if [ -n "$uninstall" ]; then remove_all; else install_all; fi
