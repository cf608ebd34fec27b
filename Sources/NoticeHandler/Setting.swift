/// The settings there are: the one table from which options, environment variables, help and checks come.
enum Setting: String, CaseIterable {
  case listen
  case spool
  case key
  case keyFile = "key-file"
  case token
  case maxBody = "max-body"
  case path
  case durability
  case emptyBody = "empty-body"
  case workers
  case workersMax = "workers-max"
  case socketMode = "socket-mode"
  case segmentBytes = "segment-bytes"
  case segmentSeconds = "segment-seconds"
  case quarantineBytes = "quarantine-bytes"

  var option: String { "--\(rawValue)" }

  /// `NOTICE_MAX_BODY` for `--max-body`.
  var variable: String {
    let name = rawValue.utf8
    // Safe: as many bytes are set as there is room for.
    return unsafe "NOTICE_"
      + String(unsafeUninitializedCapacity: name.count) { room in
        for (index, byte) in name.enumerated() {
          unsafe room[index] = byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : byte & ~0x20
        }
        return name.count
      }
  }

  /// A secret is counted where others are shown.
  var isSecret: Bool { self == .key || self == .token }

  /// Whether it may be given more than once.
  var isRepeatable: Bool { isSecret }

  /// What is right as a value, as an error says it.
  var expected: String {
    switch self {
    case .listen: "unix:PATH, HOST:PORT or :PORT, the host being numeric or localhost"
    case .spool: "the path of a directory"
    case .key, .token:
      "one or more, separated by commas or white space, of at most \(SecretSet.bytesMax) bytes each"
    case .keyFile: "a file that can be read and holds one key or more"
    case .maxBody: "bytes from 1 to 1024M, K, M, KiB and MiB allowed after the number"
    case .path: "a path that begins with / and has no ? # or white space"
    case .durability: "sync, write or none"
    case .emptyBody: "reject or accept"
    case .workers, .workersMax: "a number from 1 to 16384, workers at most workers-max"
    case .socketMode: "an octal mode from 0600 to 0777"
    case .segmentBytes: "bytes from 64K to 1024M, K, M, KiB and MiB allowed after the number"
    case .segmentSeconds: "a number from 1 to 86400"
    case .quarantineBytes: "bytes from 256K to 1024M, K, M, KiB and MiB allowed after the number"
    }
  }

  var placeholder: String {
    switch self {
    case .listen: "ADDRESS"
    case .spool: "DIRECTORY"
    case .key: "KEY"
    case .keyFile: "FILE"
    case .token: "TOKEN"
    case .maxBody, .segmentBytes, .quarantineBytes: "BYTES"
    case .path: "PATH"
    case .durability: "sync|write|none"
    case .emptyBody: "reject|accept"
    case .workers, .workersMax: "NUMBER"
    case .socketMode: "MODE"
    case .segmentSeconds: "SECONDS"
    }
  }

  /// A sentence or two for `--help`, where the default is added.
  var help: String {
    switch self {
    case .listen:
      "Address for FastCGI, unless the starter hands over a socket: unix:PATH, HOST:PORT, :PORT."
    case .spool: "Where notices are kept. Required."
    case .key:
      "Access key, given by the caller as ?key=KEY or in the path. Repeatable; better in a file."
    case .keyFile: "File of access keys: a command line can be seen by others on this host."
    case .token: "Accepts only notices whose data.token is this one. Repeatable."
    case .maxBody: "Largest body taken."
    case .path: "Address that is served, with all below it."
    case .durability: "A 200 means: on the disk (sync), or in the kernel (write, none)."
    case .emptyBody: "Whether a request without a body is an error."
    case .workers: "Workers from the start: no fewer than the connections nginx keeps."
    case .workersMax: "Workers at most; they are started as connections come."
    case .socketMode: "Mode of the socket's file for unix:PATH."
    case .segmentBytes: "Size at which a new segment begins."
    case .segmentSeconds: "Age at which a new segment begins."
    case .quarantineBytes: "What refused requests may take; the oldest go first."
    }
  }
}
