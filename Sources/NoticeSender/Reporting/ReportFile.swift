import Glibc
import Notice
import Spool
import SystemCalls

/// Writes the page to `index.html` of a directory, by rename: whoever loads it finds it whole.
struct ReportFile: ~Copyable {
  private let settings: ReportSettings
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private var reader: TrafficReader
  private var backlog: Backlog

  private static let mode: UInt32 = 0o644

  init(_ settings: ReportSettings, _ directory: SpoolDirectory, _ system: any SystemCalls) {
    self.settings = settings
    self.directory = directory
    self.system = system
    reader = TrafficReader(
      hours: settings.hours, textsMax: settings.showsTexts ? ReportSettings.textsMax : 0,
      directory, system)
    backlog = Backlog(directory, system)
  }

  /// `isStopped` may end it early; then nothing is written.
  mutating func write(isStopped: () -> Bool = { false }) throws {
    let now = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    guard try reader.update(now: now, isStopped: isStopped) else { return }
    let report = try Report(
      reader, hours: settings.hours, backlog: &backlog, directory, system)
    let page = Array(ReportPage(report).html.markup.utf8)
    let path = "\(settings.directory)/index.html"
    let next = path + ".next"
    let descriptor = try system.openNew(next, mode: Self.mode)
    defer { system.close(descriptor) }
    // For a web server's user, whatever the umask: the directory decides who gets that far.
    try system.chmod(descriptor, mode: Self.mode)
    var written = 0
    try system.writeAll(descriptor, page, written: &written)
    try system.rename(next, to: path)
  }
}

/// Where the page goes, and what it shows.
struct ReportSettings: Sendable, Equatable {
  var directory: String
  /// How far back it looks.
  var hours = 24
  /// Whether the last messages are shown, with what they say.
  var showsTexts = false

  static let hoursRange = 1...168
  static let textsMax = 20
  /// How often ``Supervisor`` writes it.
  static let millisecondsBetween: Int32 = 60_000
}
