import Foundation
import Glibc
import Notice
import Spool
import SystemCalls
import TestSupport
import Testing

@testable import NoticeSender

/// What `doctor` finds on a host, and that nothing is left of it.
struct DoctorTests {
  private let temporary: TemporaryDirectory
  private let directory: SpoolDirectory
  private let system = LinuxSystemCalls()

  init() throws {
    temporary = try TemporaryDirectory()
    directory = SpoolDirectory("\(temporary.path)/spool")
  }

  @Test func `a local disk keeps what is promised, and nothing is left behind`() throws {
    try directory.create(system)
    let before = try FileManager.default.subpathsOfDirectory(atPath: temporary.path).sorted()
    let findings = try DoctorCommand.findings(directory)
    for subject in [
      "lock between processes", "append", "rename", "time of files", "modes", "clock",
    ] {
      #expect(findings.first { $0.subject == subject }?.grade == .ok, "\(subject): \(findings)")
    }
    #expect(findings.contains { $0.subject == "fdatasync" && $0.detail.hasPrefix("median of 50") })
    #expect(findings.contains { $0.subject == "rescue/" && $0.detail.contains("belongs to") })
    #expect(try FileManager.default.subpathsOfDirectory(atPath: temporary.path).sorted() == before)
  }

  @Test func `without a spool the directory above it is examined, and stays as it is`() throws {
    let findings = try DoctorCommand.findings(SpoolDirectory("\(temporary.path)/a/b"))
    #expect(findings[0].grade == .warning)
    #expect(findings[0].detail.contains("\(temporary.path) is examined in its place"))
    #expect(findings.contains { $0.subject == "fdatasync" })
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).isEmpty)
  }

  @Test(arguments: [
    ("nfs4" as String?, Finding.Grade.failed), ("cifs", .failed), ("tmpfs", .warning),
    ("overlay", .warning),
    ("fuse.sshfs", .warning), ("ext4", .ok), ("xfs", .ok), (nil, .warning),
  ])
  func `a kind of file system is judged by what it keeps`(type: String?, grade: Finding.Grade) {
    #expect(HostExamination.fileSystem(type).grade == grade)
  }

  @Test(arguments: [
    ("/var/spool/notice", "xfs"), ("/var/spoolx", "ext4"), ("/srv/a b/x", "nfs4"), ("/", "ext4"),
    ("/over", "tmpfs"),
  ])
  func `the innermost and latest mount counts`(path: String, type: String) {
    let table = MountTable(
      #"""
      27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
      28 27 8:1 / /var/spool rw - xfs /dev/sda1 rw
      29 27 0:30 / /srv/a\040b rw shared:1 - nfs4 host:/x rw
      30 27 0:31 / /over rw - ext4 /dev/sdb rw
      31 27 0:32 / /over rw - tmpfs none rw
      torn line
      """#)
    #expect(table.type(of: path) == type)
  }

  @Test func `nginx is known by what it says of itself`() {
    let old = "nginx version: nginx/1.22.1\nconfigure arguments: --with-http_ssl_module\n"
    #expect(HostExamination.nginx(old)?.grade == .warning)
    #expect(
      HostExamination.nginx(old + "--with-http_dav_module ")
        == .ok("nginx", "1.22.1, with the WebDAV module"))
    #expect(HostExamination.nginx("no such program") == nil)
  }

  @Test func `a lock that does not exclude, appends that overwrite and wrong clocks are failures`()
    throws
  {
    let ground = "\(temporary.path)/ground"
    try system.mkdir(ground, mode: 0o700)
    let findings = FileSystemExamination(ground, CarelessFileSystem()).findings()
    let grades = Dictionary(uniqueKeysWithValues: findings.map { ($0.subject, $0.grade) })
    #expect(grades["lock between processes"] == .failed)
    #expect(grades["append"] == .failed)
    #expect(grades["fdatasync"] == .warning)
    #expect(grades["space reserved ahead"] == .warning)
    #expect(grades["rename"] == .failed)
    #expect(grades["time of files"] == .warning)
    #expect(findings.allSatisfy { !$0.remedy.isEmpty })
  }

  @Test func `a clock that goes on while a file is made is not a wrong one`() throws {
    let ground = "\(temporary.path)/ground"
    try system.mkdir(ground, mode: 0o700)
    let slow = FaultySystemCalls()
    slow.before("open", "/time") { [unowned slow] in slow.advance(seconds: 10) }
    let finding = FileSystemExamination(ground, slow).findings()
      .first { $0.subject == "time of files" }
    #expect(finding?.grade == .ok)
  }

  @Test func `a reservation that reserves nothing is a failure`() throws {
    let ground = "\(temporary.path)/ground"
    try system.mkdir(ground, mode: 0o700)
    let careless = CarelessFileSystem(pretendsToReserve: true)
    let finding = FileSystemExamination(ground, careless).findings()
      .first { $0.subject == "space reserved ahead" }
    #expect(finding?.grade == .failed)
    #expect(finding?.detail == "fallocate reserved 0 bytes, size 0")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `directories that belong to several are told, but for nginx's`() throws {
    try directory.create(system)
    func give(_ path: String) { #expect(unsafe chown(path, 65534, 65534) == 0) }
    give(directory.rescue)
    let before = SpoolExamination(directory).findings().first { $0.subject == "owner" }
    #expect(before?.grade == .ok)
    give(directory.state)
    let finding = SpoolExamination(directory).findings().first { $0.subject == "owner" }
    #expect(finding?.grade == .warning)
    #expect(finding?.detail.contains(directory.state) == true)
    #expect(finding?.detail.contains(directory.rescue) == false)
  }

  @Test func `what is open to everybody, or from the future, is told`() throws {
    try directory.create(system)
    let future = SegmentName(
      number: 1,
      createdAt: .init(milliseconds: system.realtimeNanoseconds() / 1_000_000 + 3_600_000))
    let path = directory.segment(future)
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let changed = unsafe chmod(path, 0o644)
    #expect(changed == 0)
    let findings = SpoolExamination(directory).findings()
    #expect(
      findings.first { $0.subject == "modes" }
        == .warning(
          "modes", "open to everybody: \(path)",
          remedy: "chmod -R o-rwx \(directory.path): notices are personal"))
    #expect(findings.first { $0.subject == "segments" }?.detail == "\(future) is from the future")
  }
}
