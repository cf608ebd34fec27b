import Glibc

/// A file, a directory or a symbolic link of a ``SimulatedDisk``: what Linux calls an inode.
final class SimulatedNode {
  enum Kind {
    case file, directory
    case link(target: String)
  }

  let number: Int
  let kind: Kind
  var mode: UInt32
  var modifiedSeconds = 0
  /// How many names lead to it.
  var links = 0

  // MARK: Of a file

  var content = SimulatedContent()
  /// Bytes on the disk that it has or has been promised.
  var allocated = 0
  /// How often a sync of it failed: every descriptor is told once (errseq_t in the kernel).
  var syncFailures = 0
  /// The descriptor that holds its flock.
  var holder: Int32?

  // MARK: Of a directory

  /// The nodes by name, as every process sees them.
  var entries: [String: Int] = [:]
  /// As they are on the disk; nil: it is sure that there is no such name. Each with the number of the change that made it so.
  var durableEntries: [String: (node: Int?, change: Int)] = [:]

  init(number: Int, _ kind: Kind, mode: UInt32) {
    self.number = number
    self.kind = kind
    self.mode = mode
  }

  func copy() -> SimulatedNode {
    let copy = SimulatedNode(number: number, kind, mode: mode)
    copy.modifiedSeconds = modifiedSeconds
    copy.links = links
    copy.content = content
    copy.allocated = allocated
    copy.syncFailures = syncFailures
    copy.entries = entries
    copy.durableEntries = durableEntries
    return copy
  }

  var isDirectory: Bool { if case .directory = kind { true } else { false } }
  var isFile: Bool { if case .file = kind { true } else { false } }
  var target: String? { if case .link(let target) = kind { target } else { nil } }

  var typeBits: UInt32 {
    switch kind {
    case .file: S_IFREG
    case .directory: S_IFDIR
    case .link: S_IFLNK
    }
  }
}

/// A change of names that a power cut keeps or forgets as a whole: a creation, a removal, or a rename, which is atomic.
struct SimulatedNameChange {
  struct Part {
    let directory: Int
    let name: String
    /// nil: the name goes.
    let node: Int?
  }

  let number: Int
  let parts: [Part]
}
