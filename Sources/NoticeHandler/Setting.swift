/// The settings there are, each by its environment variable: the one table from which options, help and checks come. A
/// CGI process asks for every variable, and for no option.
enum Setting: String, CaseIterable {
  case listen = "NOTICE_LISTEN"
  case spool = "NOTICE_SPOOL"
  case key = "NOTICE_KEY"
  case keyFile = "NOTICE_KEY_FILE"
  case token = "NOTICE_TOKEN"
  case maxBody = "NOTICE_MAX_BODY"
  case path = "NOTICE_PATH"
  case durability = "NOTICE_DURABILITY"
  case emptyBody = "NOTICE_EMPTY_BODY"
  case workers = "NOTICE_WORKERS"
  case workersMax = "NOTICE_WORKERS_MAX"
  case socketMode = "NOTICE_SOCKET_MODE"
  case segmentBytes = "NOTICE_SEGMENT_BYTES"
  case segmentSeconds = "NOTICE_SEGMENT_SECONDS"
  case quarantineBytes = "NOTICE_QUARANTINE_BYTES"

  var variable: String { rawValue }

  /// `max-body` for `NOTICE_MAX_BODY`.
  var name: String {
    String(variable.dropFirst("NOTICE_".count).lowercased().map { $0 == "_" ? "-" : $0 })
  }

  var option: String { "--\(name)" }

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

  var valueName: String {
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
    case .workers: "Threads from the start. Connections without a request need none."
    case .workersMax: "Threads at most; more are started when all wait for others."
    case .socketMode: "Mode of the socket's file for unix:PATH."
    case .segmentBytes: "Size at which a new segment begins."
    case .segmentSeconds: "Age at which a new segment begins."
    case .quarantineBytes: "What refused requests may take; the oldest go first."
    }
  }
}
