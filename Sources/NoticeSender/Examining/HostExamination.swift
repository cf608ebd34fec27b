import Foundation
import Glibc

/// What a host gives to a spool, as far as it can be asked: the kind of file system, room, limits, and nginx.
struct HostExamination {
  /// A directory that is there, on the file system in question.
  private let directory: String

  /// The reservation of one segment and what a day may bring on a small host.
  private static let freeBytesMin = 1 << 30
  private static let freePartMin = 0.05
  private static let freeNodesMin = 10_000
  private static let openFilesMin = 1024
  /// Before this no version of this program existed.
  private static let earliest = 1_767_225_600

  init(_ directory: String) {
    self.directory = directory
  }

  func findings() -> [Finding] {
    [fileSystem, room, nodes, clock, openFiles, watches, nginx].compactMap { $0 }
  }

  private var fileSystem: Finding {
    let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
    let path = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path
    return Self.fileSystem(MountTable(mounts).type(of: path))
  }

  static func fileSystem(_ type: String?) -> Finding {
    let subject = "file system"
    switch type {
    case nil:
      return .warning(subject, "unknown", remedy: "keep the spool on ext4 or xfs")
    case let type? where ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph"].contains(type):
      return .failed(
        subject, "\(type): over a network, locks and syncs do not keep what is promised",
        remedy: "keep the spool on a local disk")
    case let type? where ["tmpfs", "ramfs"].contains(type):
      return .warning(
        subject, "\(type): in memory, gone after a restart", remedy: "keep the spool on a disk")
    case let type? where ["overlay", "aufs"].contains(type):
      return .warning(
        subject, "\(type): gone with its container", remedy: "mount a volume for the spool")
    case let type? where type.hasPrefix("fuse"):
      return .warning(
        subject, "\(type): whether locks and syncs are kept depends on the program behind it",
        remedy: "keep the spool on a local disk")
    case let type?: return .ok(subject, type)
    }
  }

  private var room: Finding? {
    guard let (total, free) = figures(.systemSize, .systemFreeSize), total > 0 else { return nil }
    let detail = "\(free >> 20) MiB of \(total >> 20) MiB free"
    guard free >= Self.freeBytesMin || Double(free) >= Double(total) * Self.freePartMin else {
      return .warning("free space", detail, remedy: "make room: on a full disk, intake answers 503")
    }
    return .ok("free space", detail)
  }

  private var nodes: Finding? {
    // Some file systems make inodes as they are needed and say 0.
    guard let (total, free) = figures(.systemNodes, .systemFreeNodes), total > 0 else { return nil }
    guard free >= Self.freeNodesMin else {
      return .warning("free inodes", "\(free)", remedy: "remove files: each segment is one")
    }
    return .ok("free inodes", "\(free) of \(total)")
  }

  private func figures(
    _ total: FileAttributeKey, _ free: FileAttributeKey
  ) -> (total: Int, free: Int)? {
    guard let found = try? FileManager.default.attributesOfFileSystem(forPath: directory),
      let total = (found[total] as? NSNumber)?.intValue,
      let free = (found[free] as? NSNumber)?.intValue
    else { return nil }
    return (total, free)
  }

  private var clock: Finding {
    let now = Int(Date().timeIntervalSince1970)
    let detail = Date().formatted(.iso8601)
    guard now >= Self.earliest else {
      return .failed("clock", detail, remedy: "set the clock: records are stamped with it")
    }
    return .ok("clock", detail)
  }

  private var openFiles: Finding {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return .warning("open files", "the limit is not known", remedy: "see ulimit -n")
    }
    guard limit.rlim_cur >= rlim_t(Self.openFilesMin) else {
      return .warning(
        "open files", "at most \(limit.rlim_cur)",
        remedy: "raise the limit (ulimit -n, LimitNOFILE=): each connection takes one")
    }
    return .ok("open files", "at most \(limit.rlim_cur)")
  }

  /// Without a watch the sender looks by itself once a second.
  private var watches: Finding {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC))
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, unsafe inotify_add_watch(descriptor, directory, UInt32(IN_CREATE)) >= 0
    else {
      return .warning(
        "inotify", "no watch to be had: \(unsafe String(cString: strerror(errno)))",
        remedy:
          "raise fs.inotify.max_user_instances and max_user_watches; deliveries come up to 1 s later"
      )
    }
    return .ok("inotify", "wakes the sender")
  }

  private var nginx: Finding? { Program.run(["nginx", "-V"]).flatMap { Self.nginx($0.output) } }

  /// What `nginx -V` tells; nil where that is not nginx.
  static func nginx(_ output: String) -> Finding? {
    guard let version = output.firstMatch(of: /nginx\/([0-9.]+)/)?.1 else { return nil }
    let isDynamic = output.contains("--with-http_dav_module=dynamic")
    guard output.contains("--with-http_dav_module") else {
      return .warning(
        "nginx", "\(version), without the WebDAV module",
        remedy: "install a package with http_dav_module: it keeps bodies while no handler answers")
    }
    return .ok("nginx", "\(version), with the WebDAV module" + (isDynamic ? " to be loaded" : ""))
  }
}
