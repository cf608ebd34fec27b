#!/usr/bin/env bash
# Writes the manual pages of both programs, from what they say themselves at --help: `man.sh --help` says more.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: nginx/man.sh [--bin DIR] DIRECTORY

Writes notice-handler.1, notice-sender.1 and a page for each command (notice-sender-run.1 and so on) to DIRECTORY, which
is made where it is missing. `man -l DIRECTORY/notice-sender.1` shows one; in /usr/local/share/man/man1 they are found
by name: `man notice-sender run`.

  --bin DIR    take notice-handler and notice-sender from DIR instead of building them
TEXT
}

fail() {
  printf 'man.sh: fatal: %s\n' "$*" >&2
  exit 1
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin='' pages=''

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --bin)
        [ $# -ge 2 ] || fail "$1 needs a value"
        bin=$2
        shift
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      -*) fail "unknown option $1; man.sh --help lists them" ;;
      *)
        [ -z "$pages" ] || fail 'give one directory'
        pages=$1
        ;;
    esac
    shift
  done
  [ -n "$pages" ] || fail 'no directory given; man.sh --help says more'
}

build() {
  local program command=(swift build --package-path "$project" -c release --static-swift-stdlib)
  "$project/nginx/run.sh" --install
  for program in notice-handler notice-sender; do
    "${command[@]}" --product "$program" >&2
  done
  bin=$("${command[@]}" --show-bin-path)
}

# to_page NAME VERSION SEE: from the text of --help to man(7). What comes before the usage and is no part of the
# description (exit status and the like) goes behind the options, where readers of manual pages look for it.
to_page() {
  awk -v name="$1" -v version="$2" -v see="$3" '
    function roff(text) {
      gsub(/\\/, "\\e", text)
      gsub(/-/, "\\-", text)
      return text ~ /^[.\047]/ ? "\\&" text : text
    }
    function add(text) { part[section] = part[section] text "\n" }
    function begin(title) {
      section = (isAfterUsage ? "b" : "c") title
      if (!(section in part)) order[++sections] = section
      add(".SH " title)
    }
    /^OVERVIEW: / {
      title = substr($0, 11)
      sub(/\.$/, "", title)
      section = "a"
      next
    }
    /^USAGE: / { synopsis = substr($0, 8); isAfterUsage = 1; next }
    /^[A-Z][A-Z ]*:$/ { begin(substr($0, 1, length($0) - 1)); wantsBreak = 0; next }
    # Where the shell would be told what the page says itself.
    /^  See .* for detailed help\.$/ { next }
    /^$/ { wantsBreak = 1; next }
    /^  [^ ]/ {
      term = substr($0, 3)
      text = ""
      if (match(term, /   */)) {
        text = substr(term, RSTART + RLENGTH)
        term = substr(term, 1, RSTART - 1)
        if (text ~ /^\(NOTICE_/) { term = term "  " text; text = "" }
      }
      add(".TP\n\\fB" roff(term) "\\fR")
      if (text != "") add(roff(text))
      wantsBreak = 0
      next
    }
    {
      sub(/^ +/, "")
      if (wantsBreak && part[section] != "") add(".PP")
      wantsBreak = 0
      add(roff($0))
    }
    END {
      if (title == "" || synopsis == "") exit 1
      printf ".TH %s 1 \"\" \"%s\" \"notice\"\n", toupper(name), version
      printf ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n%s\n", name, roff(title), roff(synopsis)
      if (part["a"] != "") printf ".SH DESCRIPTION\n%s", part["a"]
      for (i = 1; i <= sections; i++) if (order[i] ~ /^b/) printf "%s", part[order[i]]
      for (i = 1; i <= sections; i++) if (order[i] ~ /^c/) printf "%s", part[order[i]]
      printf ".SH SEE ALSO\n.BR %s (1)\n", roff(see)
    }'
}

# write_pages SEE PROGRAM [COMMAND…]: its page, and those of the commands that it has.
write_pages() {
  local see=$1 name help version command
  shift
  name=$(IFS=- && echo "$*")
  # One line for each paragraph.
  help=$(COLUMNS=100000 "$bin/$1" "${@:2}" --help)
  version=$("$bin/$1" --version)
  to_page "$name" "$1 ${version##* }" "$see" <<<"$help" >"$pages/$name.1" ||
    fail "the help of $* has no overview or no usage"
  echo "$pages/$name.1"
  while read -r command; do
    write_pages "$name" "$@" "$command"
  done < <(awk '/^SUBCOMMANDS:$/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print $1 }' <<<"$help")
}

parse_options "$@"
[ -n "$bin" ] || build
for program in notice-handler notice-sender; do
  [ -x "$bin/$program" ] || fail "there is no program $bin/$program"
done
mkdir -p "$pages"
write_pages notice-sender notice-handler
write_pages notice-handler notice-sender
