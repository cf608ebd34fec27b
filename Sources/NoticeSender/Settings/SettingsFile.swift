import Spool

/// Reads the YAML file of `--config`, and finds as many faults of it as can be found at once:
///
///     spool: /var/spool/notice
///     archive: {form: gzip, days: 30}
///     metrics: /var/lib/node_exporter/notice.prom
///     report: {directory: /var/www/notice, hours: 24, texts: false}
///     destinations:
///       platform: {url: https://chat.jijyun.cn/notice, method: GET, body: original}
///       database: {url: "sqlite:/var/lib/notice/notices.db"}
struct SettingsFile {
  /// nil: the file does not say.
  private(set) var spool: String?
  private(set) var destinations: [DestinationSettings] = []
  private(set) var archive = ArchiveSettings()
  private(set) var metrics: String?
  private(set) var report: ReportSettings?

  init(path: String, environment: [String: String]) throws(SettingsError) {
    try self.init(parsing: TextFile.read(path), file: path, environment: environment)
  }

  init(parsing text: String, file: String, environment: [String: String]) throws(SettingsError) {
    let root = try SettingsNode(parsing: text, file: file, environment: environment)
    try root.forEachMember(
      known: ["spool", "archive", "metrics", "report", "destinations"]
    ) { (member) throws(SettingsError) in
      switch member.key {
      case "spool": spool = try member.value.path()
      case "archive": archive = try Self.archive(member.value)
      case "metrics": metrics = try member.value.path()
      case "report": report = try Self.report(member.value)
      default: destinations = try Self.destinations(member.value)
      }
    }
  }

  private static func archive(_ node: SettingsNode) throws(SettingsError) -> ArchiveSettings {
    var archive = ArchiveSettings()
    try node.forEachMember(known: ["form", "days"]) { (member) throws(SettingsError) in
      switch member.key {
      case "form": archive.form = try member.value.choice(SegmentArchive.Form.self)
      default:
        archive.daysMax =
          try member.value.string() == "forever" ? nil : try member.value.integer(in: 1...36_500)
      }
    }
    return archive
  }

  private static func report(_ node: SettingsNode) throws(SettingsError) -> ReportSettings {
    guard let directory = node.member("directory") else {
      throw node.error("expected directory: where index.html goes")
    }
    var report = ReportSettings(directory: try directory.path())
    try node.forEachMember(known: ["directory", "hours", "texts"]) {
      (member) throws(SettingsError) in
      switch member.key {
      case "directory": break
      case "hours": report.hours = try member.value.integer(in: ReportSettings.hoursRange)
      default: report.showsTexts = try member.value.flag()
      }
    }
    return report
  }

  private static func destinations(
    _ node: SettingsNode
  ) throws(SettingsError) -> [DestinationSettings] {
    var destinations: [DestinationSettings] = []
    try node.forEachMember(known: nil) { (member) throws(SettingsError) in
      guard DestinationSettings.isName(member.key) else {
        throw member.value.error(DestinationSettings.nameRule)
      }
      destinations.append(try DestinationNode(member.key, member.value).settings())
    }
    if destinations.isEmpty { throw node.error("expected at least one destination") }
    return destinations
  }
}
