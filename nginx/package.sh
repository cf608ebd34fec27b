#!/usr/bin/env bash
# Builds a Debian package with Debian's own tools: `package.sh --help` says more.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: nginx/package.sh [--bin DIR] [DIRECTORY]

Builds notice_VERSION_ARCHITECTURE.deb in DIRECTORY (otherwise: here) and says its name. `apt install ./notice_….deb`
on a Debian of the same release or a later one makes the user notice, a key in /etc/notice/keys and a spool in
/var/spool/notice, and starts handler and sender; what nginx needs is in /etc/nginx/snippets. `apt purge notice`
takes away all but the user, and a spool and a database with something in them.

  --bin DIR    take notice-handler and notice-sender from DIR (otherwise: from .build/release, built if missing)

DEBFULLNAME and DEBEMAIL name who is responsible for the package (otherwise: who git says you are).
TEXT
}

fail() {
  printf 'package.sh: fatal: %s\n' "$*" >&2
  exit 1
}

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$project/.build/release target=.

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
      -*) fail "unknown option $1; package.sh --help lists them" ;;
      *) target=$1 ;;
    esac
    shift
  done
}

install_missing() {
  local missing=() tool
  for tool in dpkg-shlibdeps:dpkg-dev strip:binutils; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local sudo=()
  [ "$EUID" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# What install.sh puts in place, in the form that a package has.
stage_files() {
  "$project/nginx/install.sh" --prefix /usr --staging "$stage" --bin "$bin" >/dev/null
  strip --strip-unneeded --remove-section=.comment --remove-section=.note "$stage"/usr/bin/*
  local documents=$stage/usr/share/doc/notice
  write_copyright >"$documents/copyright"
  write_changelog | gzip -9n >"$documents/changelog.gz"
  gzip -9n "$documents/README.md"
  [ ! -d "$stage/usr/share/man" ] || gzip -9n "$stage"/usr/share/man/man1/*.1
  mkdir -p "$stage/usr/share/lintian/overrides"
  cat >"$stage/usr/share/lintian/overrides/notice" <<'TEXT'
# One file that runs everywhere and starts in a millisecond: CGI starts it for each message.
notice: statically-linked-binary [usr/bin/notice-handler]
# As part of the static file, and of the YAML reader.
notice: embedded-library zlib [usr/bin/notice-handler]
notice: embedded-library libyaml [usr/bin/notice-sender]
# Swift's linker looks beside the program, which is /usr/bin.
notice: custom-library-search-path RUNPATH * [usr/bin/notice-sender]
# A key is nobody else's; the sender's settings may hold some.
notice: non-standard-dir-perm * [etc/notice/]
notice: non-standard-file-perm * [etc/notice/sender.yaml]
TEXT
  find "$stage" -type d -exec chmod g-s {} +
}

write_copyright() {
  cat <<'TEXT'
notice takes the messages of a WeCom hosting platform and delivers them.

The project that this was built from comes without a statement of its licence; ask its authors before you pass it on.

The programs hold, linked into them:
 - the Swift standard library, Foundation and Dispatch; swift-argument-parser, swift-crypto, swift-asn1 and
   swift-log. Copyright Apple Inc. and the Swift project's authors. Apache License 2.0, with the Runtime Library
   Exception for the first four.
 - BoringSSL, in swift-crypto. Copyright The OpenSSL Project, Google Inc. and others. Apache License 2.0, OpenSSL and ISC.
 - Yams, and LibYAML in it. Copyright JP Simard; Kirill Simonov. MIT License.
 - The FastCGI library. Copyright Open Market, Inc. The Open Market licence, on Debian in
   /usr/share/doc/libfcgi-dev/copyright.
 - zlib, in notice-handler. Copyright Jean-loup Gailly and Mark Adler. The zlib licence.
 - The GNU C library, in notice-handler. Copyright the Free Software Foundation and others. LGPL 2.1 or later.

On Debian the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0, the LGPL in
/usr/share/common-licenses/LGPL-2.1.
TEXT
}

write_changelog() {
  printf 'notice (%s) unstable; urgency=medium\n\n  * Built from %s.\n\n -- %s  %s\n' "$version" "$revision" \
    "$maintainer" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")"
}

write_control() {
  local depends size
  # dpkg-shlibdeps wants a source package around it.
  mkdir -p "$work/source/debian"
  printf 'Source: notice\n\nPackage: notice\nArchitecture: any\n' >"$work/source/debian/control"
  depends=$(cd "$work/source" && dpkg-shlibdeps -O "$stage/usr/bin/notice-sender" | sed 's/^shlibs:Depends=//')
  size=$(du -sk --apparent-size "$stage" | cut -f 1)
  cat <<TEXT
Package: notice
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $size
Depends: $depends, adduser
Recommends: ca-certificates, nginx
Section: net
Priority: optional
Description: takes the messages of a WeCom hosting platform and delivers them
 A hosting platform for WeCom accounts calls one address, once, for every
 chat message. notice-handler takes the call behind a web server (FastCGI or
 CGI), puts the message on disk as a line of JSON and only then answers.
 notice-sender delivers it to HTTP services, SQLite, files or a command, at
 least once and in order for each chat.
TEXT
}

# The scripts that dpkg runs. Whatever they make and a person may have put something into, they leave.
write_scripts() {
  cat >"$control/postinst" <<'TEXT'
#!/bin/sh
set -e

# directory MODE PATH: what an administrator has changed stays.
directory() {
  [ -d "$2" ] || install -d -o notice -g notice -m "$1" "$2"
}

if [ "$1" = configure ]; then
  if ! getent passwd notice >/dev/null; then
    adduser --system --group --quiet --home /var/spool/notice --no-create-home --gecos 'WeCom notices' notice
  fi
  directory 0750 /var/spool/notice
  directory 2770 /var/spool/notice/rescue
  directory 0750 /var/lib/notice
  directory 0750 /run/notice
  for path in /etc/notice /etc/notice/sender.yaml; do
    if [ -e "$path" ] && ! dpkg-statoverride --list "$path" >/dev/null; then chgrp notice "$path"; fi
  done
  if [ ! -e /etc/notice/keys ]; then
    (umask 027 && od -An -N16 -tx1 /dev/urandom | tr -d ' ' >/etc/notice/keys && chgrp notice /etc/notice/keys)
  fi
  if [ ! -e /etc/nginx/snippets/notice.keys ]; then
    (umask 077 &&
      sed -nE 's,^[A-Za-z0-9_-]+$,"~^&:|/&(/|$)" 1;,p' /etc/notice/keys >/etc/nginx/snippets/notice.keys)
  fi

  for unit in notice-handler.socket notice-handler.service notice-sender.service; do
    if command -v deb-systemd-helper >/dev/null; then
      deb-systemd-helper unmask "$unit" >/dev/null || true
      if deb-systemd-helper --quiet was-enabled "$unit"; then
        deb-systemd-helper enable "$unit" >/dev/null || true
      else
        deb-systemd-helper update-state "$unit" >/dev/null || true
      fi
    fi
  done
  if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    # The socket stays open at an update, and nobody is refused meanwhile.
    deb-systemd-invoke start notice-handler.socket >/dev/null || true
    deb-systemd-invoke restart notice-handler.service notice-sender.service >/dev/null || true
  fi
  if [ -z "$2" ]; then
    cat <<'END'
notice: the key is in /etc/notice/keys, the destinations are in /etc/notice/sender.yaml. To put nginx before it:
  usermod -aG notice www-data
  include snippets/notice-http.conf; in http, include snippets/notice.conf; in the server that the platform calls
  nginx -t && systemctl restart nginx
END
  fi
fi
TEXT
  cat >"$control/prerm" <<'TEXT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop notice-handler.socket notice-handler.service notice-sender.service >/dev/null || true
fi
TEXT
  cat >"$control/postrm" <<'TEXT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if command -v deb-systemd-helper >/dev/null; then
  for unit in notice-handler.socket notice-handler.service notice-sender.service; do
    case $1 in
      remove) deb-systemd-helper mask "$unit" >/dev/null || true ;;
      purge)
        deb-systemd-helper purge "$unit" >/dev/null || true
        deb-systemd-helper unmask "$unit" >/dev/null || true
        ;;
    esac
  done
fi
if [ "$1" = purge ]; then
  rm -f /etc/notice/keys /etc/nginx/snippets/notice.keys
  rmdir /etc/notice /run/notice /var/lib/notice /var/spool/notice/rescue /var/spool/notice 2>/dev/null || true
  # The user stays, as Debian's do: another must not get its number, and with it what is left.
  for path in /var/spool/notice /var/lib/notice; do
    [ ! -d "$path" ] || echo "notice: $path is not empty and was left as it is; the messages in it are yours." >&2
  done
fi
TEXT
  chmod 755 "$control/postinst" "$control/prerm" "$control/postrm"
}

build_package() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  stage=$work/notice control=$work/notice/DEBIAN
  umask 022
  mkdir -p "$control"
  version=$("$bin/notice-handler" --version | cut -d ' ' -f 2)
  stage_files

  architecture=$(dpkg --print-architecture)
  name=notice_${version}_$architecture.deb
  write_control >"$work/control"
  mv "$work/control" "$control/control"
  (cd "$stage" && find etc -type f | sort | sed 's,^,/,') >"$control/conffiles"
  (cd "$stage" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$work/md5sums"
  mv "$work/md5sums" "$control/md5sums"
  write_scripts
  mkdir -p "$target"
  dpkg-deb --root-owner-group --build "$stage" "$target/$name" >/dev/null
  printf '%s\n' "$target/$name"
}

parse_options "$@"
command -v dpkg-deb >/dev/null || fail 'there is no dpkg-deb: packages are built on Debian and its kin'
install_missing
for program in notice-handler notice-sender; do
  [ -x "$bin/$program" ] ||
    swift build --package-path "$project" -c release --static-swift-stdlib --product "$program" >&2
done
maintainer="${DEBFULLNAME:-$(git -C "$project" config user.name || echo notice)}"
maintainer+=" <${DEBEMAIL:-$(git -C "$project" config user.email || echo root@localhost)}>"
revision=$(git -C "$project" describe --always 2>/dev/null || echo 'no known revision')
# The same content gives the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$project" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
build_package
