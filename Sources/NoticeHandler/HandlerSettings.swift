import FastCGI
import Glibc
import Spool

/// The settings in force: every value valid, every default filled in.
struct HandlerSettings {
  var listen: ListenAddress?
  var spool: String
  var keys = SecretSet()
  var tokens = SecretSet()
  var bodyBytesMax = 1 << 20
  var path: ServedPath
  var acceptsEmptyBody = false
  var serving = FastCGIServer.Settings()
  var socketMode: UInt32 = 0o660
  var writing = SpoolSettings()

  private static let bytes1024M = 1 << 30

  /// All defaults.
  static var standard: HandlerSettings { HandlerSettings(spool: "") }

  private init(spool: String, servesScript: Bool = false) {
    guard let path = ServedPath("/notice", servesScript: servesScript) else {
      fatalError("unable to serve the default path: it is no path")
    }
    self.spool = spool
    self.path = path
  }

  /// `readFile` gives the text of a file, or why it has none.
  init(
    _ source: SettingSource, servesScript: Bool = false,
    readFile: (String) -> Result<String, FileError> = TextFile.read
  ) throws(SettingsError) {
    guard let spool = source.given(.spool) else {
      throw SettingsError(
        "\(Setting.spool.option) or \(Setting.spool.variable): not set; "
          + "expected \(Setting.spool.expected)")
    }
    guard !spool.text.isEmpty else { throw spool.wrong() }
    self.init(spool: spool.text, servesScript: servesScript)
    keys = try Self.keys(source, readFile)
    tokens = SecretSet(try source.secrets(.token))
    path = try source.value(.path, or: path) {
      ServedPath($0, servesScript: servesScript)
    }
    if let given = source.given(.listen) {
      do throws(ListenAddress.Invalid) {
        listen = try ListenAddress(given.text)
      } catch {
        throw given.wrong(error.description)
      }
    }
    bodyBytesMax = try source.number(
      .maxBody, or: bodyBytesMax, in: 1...Self.bytes1024M, ByteCount.parse)
    acceptsEmptyBody = try source.value(.emptyBody, or: acceptsEmptyBody) {
      ["reject": false, "accept": true][$0]
    }
    try readServing(source)
    try readWriting(source)
  }

  private static func keys(
    _ source: SettingSource, _ readFile: (String) -> Result<String, FileError>
  ) throws(SettingsError) -> SecretSet {
    var keys = try source.secrets(.key)
    if let file = source.given(.keyFile) {
      switch readFile(file.text) {
      case .failure(let error): throw file.wrong(error.description)
      case .success(let text):
        guard let more = SettingSource.secrets(in: text) else {
          throw file.wrong("it holds no key, or one of more than \(SecretSet.bytesMax) bytes")
        }
        keys += more
      }
    }
    return SecretSet(keys)
  }

  private mutating func readServing(_ source: SettingSource) throws(SettingsError) {
    let workers = 1...16384
    serving.workers = try source.number(.workers, or: serving.workers, in: workers)
    let least = source.given(.workers) == nil ? workers.lowerBound : serving.workers
    serving.workersMax = try source.number(
      .workersMax, or: max(serving.workersMax, serving.workers), in: least...workers.upperBound)
    serving.workers = min(serving.workers, serving.workersMax)
    socketMode = try source.value(.socketMode, or: socketMode) { text in
      UInt32(text, radix: 8).flatMap { (0o600...0o777).contains($0) ? $0 : nil }
    }
  }

  private mutating func readWriting(_ source: SettingSource) throws(SettingsError) {
    writing.durability = try source.value(
      .durability, or: writing.durability, SpoolSettings.Durability.init)
    writing.segmentBytesMax = try source.number(
      .segmentBytes, or: writing.segmentBytesMax, in: 1 << 16...Self.bytes1024M,
      ByteCount.parse)
    writing.segmentSecondsMax = try source.number(
      .segmentSeconds, or: writing.segmentSecondsMax, in: 1...86_400)
    writing.quarantineBytesMax = try source.number(
      .quarantineBytes, or: writing.quarantineBytesMax, in: 1 << 18...Self.bytes1024M,
      ByteCount.parse)
  }

  /// A setting's value as a person reads it. Secrets are counted.
  func text(_ setting: Setting) -> String {
    switch setting {
    case .listen: listen?.description ?? "the socket handed over"
    case .spool: spool
    case .key, .keyFile: keys.isEmpty ? "none: every caller is let in" : "\(keys.count) accepted"
    case .token: tokens.isEmpty ? "any" : "\(tokens.count) accepted"
    case .maxBody: ByteCount.text(bodyBytesMax)
    case .path: path.description
    case .durability: writing.durability.rawValue
    case .emptyBody: acceptsEmptyBody ? "accept" : "reject"
    case .workers: "\(serving.workers)"
    case .workersMax: "\(serving.workersMax)"
    case .socketMode: "0" + String(socketMode, radix: 8)
    case .segmentBytes: ByteCount.text(writing.segmentBytesMax)
    case .segmentSeconds: "\(writing.segmentSecondsMax)"
    case .quarantineBytes: ByteCount.text(writing.quarantineBytesMax)
    }
  }
}
