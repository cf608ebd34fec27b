import Delivery
import Destinations
import Foundation
import Spool

/// Reads the YAML file of `--config`:
///
///     spool: /var/spool/notice
///     archive: {form: gzip, days: 30}
///     destinations:
///       platform: {url: https://chat.jijyun.cn/notice, method: GET, body: original}
///       database: {url: "sqlite:/var/lib/notice/notices.db"}
struct SettingsFile {
  /// nil: the file does not say.
  private(set) var spool: String?
  private(set) var destinations: [DestinationSettings] = []
  private(set) var archive = ArchiveSettings()

  init(path: String, environment: [String: String]) throws(SettingsError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SettingsError("unable to read \(path): no such file, or no right to read it")
    }
    try self.init(
      parsing: String(decoding: data, as: UTF8.self), file: path, environment: environment)
  }

  init(parsing text: String, file: String, environment: [String: String]) throws(SettingsError) {
    let root = try SettingsNode(parsing: text, file: file, environment: environment)
    for (key, value) in try root.members(known: ["spool", "archive", "destinations"]) {
      switch key {
      case "spool": spool = try value.string()
      case "archive": archive = try Self.archive(value)
      default: destinations = try Self.destinations(value)
      }
    }
  }

  private static func archive(_ node: SettingsNode) throws(SettingsError) -> ArchiveSettings {
    var archive = ArchiveSettings()
    for (key, value) in try node.members(known: ["form", "days"]) {
      switch key {
      case "form": archive.form = try value.choice(SegmentArchive.Form.self)
      default:
        archive.daysMax =
          try value.string() == "forever" ? nil : try value.integer(in: 1...36_500)
      }
    }
    return archive
  }

  private static func destinations(
    _ node: SettingsNode
  ) throws(SettingsError) -> [DestinationSettings] {
    var destinations: [DestinationSettings] = []
    for (name, value) in try node.members(known: nil) {
      guard DestinationSettings.isName(name) else {
        throw value.error(DestinationSettings.nameRule)
      }
      destinations.append(try destination(name, value))
    }
    if destinations.isEmpty { throw node.error("expected at least one destination") }
    return destinations
  }

  private static let sqliteKeys = ["url", "order"]
  private static let httpKeys =
    sqliteKeys + ["method", "body", "concurrency", "connect_timeout", "timeout"]

  private static func destination(
    _ name: String, _ node: SettingsNode
  ) throws(SettingsError) -> DestinationSettings {
    guard let urlNode = try node.members(known: nil).first(where: { $0.key == "url" })?.value
    else { throw node.error("expected a url: \(DestinationURL.rule)") }
    let url: DestinationURL
    do throws(SettingsError) {
      url = try DestinationURL(try urlNode.string())
    } catch {
      throw urlNode.error(error.description)
    }
    switch url.scheme {
    case .sqlite(let path):
      var settings = DestinationSettings(name: name, kind: .sqlite(path))
      for (key, value) in try node.members(known: sqliteKeys) where key == "order" {
        settings.order = try value.choice(DeliveryOrder.self)
      }
      return settings
    case .http:
      return try httpDestination(name, url, node)
    }
  }

  private static func httpDestination(
    _ name: String, _ url: DestinationURL, _ node: SettingsNode
  ) throws(SettingsError) -> DestinationSettings {
    var order = DeliveryOrder.chat
    var http = HTTPSettings(url: url.text, body: .original, userAgent: SenderVersion.userAgent)
    for (key, value) in try node.members(known: httpKeys) {
      switch key {
      case "url": break
      case "order": order = try value.choice(DeliveryOrder.self)
      case "method": http.method = try value.string()
      case "body":
        http.body = try value.choice(BodyForm.self)
        http.webhookHeaders = http.body != .original
      case "concurrency": http.concurrencyMax = try value.integer(in: 1...1000)
      case "connect_timeout": http.connectTimeoutSeconds = try value.integer(in: 1...3600)
      default: http.timeoutSeconds = try value.integer(in: 1...3600)
      }
    }
    do throws(HTTPSettingsError) {
      try http.validate()
    } catch {
      throw node.error(error.description)
    }
    return DestinationSettings(name: name, kind: .http(http), order: order)
  }
}
