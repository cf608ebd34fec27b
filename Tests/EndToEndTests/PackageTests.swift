import Foundation
import TestSupport
import Testing

/// `nginx/package.sh`: the package is installed, used, removed and purged on a copy of this machine's file
/// system, of which nothing stays (an overlay in a mount namespace of its own).
struct PackageTests {
  @Test(
    .enabled(if: Programs.areReleased, "the programs under test are no release build"),
    .enabled(if: geteuid() == 0, "only root may mount a copy of the file system"))
  func `a package installs, runs and goes away, but for the messages`() throws {
    let temporary = try TemporaryDirectory()
    let built = try Programs.run(
      "\(Programs.project)/nginx/package.sh", ["--bin", Programs.directory, temporary.path],
      environment: ["DPKG_DEB_COMPRESSOR_TYPE": "none"])
    #expect(built.status == 0, "\(built.output)")
    let package = try #require(
      built.output.split(separator: "\n").map(String.init).first { $0.hasSuffix(".deb") })

    let script = "\(temporary.path)/script"
    try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
    let result = try Programs.run(
      try Programs.tool("unshare"), ["--mount", "/bin/sh", script, temporary.path, package])
    #expect(result.status == 0, "\(result.output)")
    for part in ["installed", "stored", "delivered", "removed", "purged", "gone"] {
      #expect(result.output.contains("\n\(part)\n"), "\(part): \(result.output)")
    }
  }

  /// What happens to the package; ends with an error at the first thing that is not right.
  private static let script = #"""
    set -eux
    mkdir "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
    mount --rbind /proc "$1/root/proc"
    mount --rbind /dev "$1/root/dev"
    mount -t tmpfs tmpfs "$1/root/run"
    mount -t tmpfs tmpfs "$1/root/tmp"
    cp "$2" "$1/root/tmp/notice.deb"
    cat >"$1/root/tmp/inside" <<'INSIDE'
    set -eux
    export DEBIAN_FRONTEND=noninteractive
    places='/etc /usr/bin /usr/lib/systemd /usr/lib/tmpfiles.d /usr/share/doc /usr/share/man /usr/share/lintian'
    list() { find $places /var/lib/notice /var/spool/notice 2>/dev/null | sort; }
    spool=/var/spool/notice
    test ! -e "$spool"
    list >/tmp/before

    dpkg -i /tmp/notice.deb
    test "$(stat -c '%a %U %G' $spool $spool/rescue /etc/notice/keys /etc/notice/sender.yaml | tr '\n' ,)" = \
      '750 notice notice,2770 notice notice,640 root notice,640 root notice,'
    test -e /etc/systemd/system/sockets.target.wants/notice-handler.socket
    printf '\ninstalled\n'

    key=$(cat /etc/notice/keys)
    body='{"event":"of the test"}'
    printf %s "$body" | runuser -u notice -- env GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST \
      REQUEST_URI=/notice QUERY_STRING="key=$key" CONTENT_LENGTH=${#body} NOTICE_SPOOL=$spool \
      NOTICE_KEY_FILE=/etc/notice/keys notice-handler | grep '^Status: 200 '
    jq -e --argjson body "$body" '.body == $body' $spool/current.ndjson
    printf '\nstored\n'

    runuser -u notice -- notice-sender once --config /etc/notice/sender.yaml
    test "$(sqlite3 -readonly /var/lib/notice/notices.db 'SELECT body FROM notices')" = "$body"
    printf '\ndelivered\n'

    # An update leaves key, settings and messages.
    echo '# mine' >>/etc/notice/sender.yaml
    dpkg -i /tmp/notice.deb
    test "$(cat /etc/notice/keys)" = "$key"
    grep '# mine' /etc/notice/sender.yaml
    dpkg -r notice
    test ! -e /usr/bin/notice-handler
    grep '# mine' /etc/notice/sender.yaml
    printf '\nremoved\n'

    dpkg -P notice 2>&1 | tee /tmp/said
    grep "$spool is not empty" /tmp/said
    test ! -e /etc/notice
    test -n "$(cat $spool/segments/*.ndjson $spool/archive/* 2>/dev/null)"
    rm -r "$spool" /var/lib/notice
    list | grep -v '^/etc/.*-$' >/tmp/after
    grep -v '^/etc/.*-$' /tmp/before | diff - /tmp/after
    printf '\npurged\n'

    # Without any message nothing at all is left.
    dpkg -i /tmp/notice.deb
    dpkg -P notice
    list | grep -v '^/etc/.*-$' | diff /tmp/after -
    printf '\ngone\n'
    INSIDE
    exec chroot "$1/root" /bin/sh /tmp/inside
    """#
}
