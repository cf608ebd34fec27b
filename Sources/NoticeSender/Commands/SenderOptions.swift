import ArgumentParser
import Destinations
import Foundation
import Spool

/// The options by which commands that deliver, or ask about it, learn from where to where.
struct SenderOptions: ParsableArguments {
  @OptionGroup var place: SpoolOptions

  @Option(
    name: .customLong("to"),
    help: ArgumentHelp(
      "A destination: \(DestinationURL.kinds). May be given any number of times.",
      discussion: "Without --to and --config, messages go to notices.db in the spool (SQLite).",
      valueName: "[name=]url"))
  var destinations: [String] = []

  @Option(help: "The method by which --to's http(s) destinations are called.")
  var method = "POST"

  @Option(help: "What --to's http(s) destinations get: original, record or message.")
  var body = BodyForm.original

  @Option(help: "What becomes of delivered segments: gzip, plain (both in archive/) or delete.")
  var archive: SegmentArchive.Form?

  @Option(help: ArgumentHelp("How long the archive is kept (default 30).", valueName: "days"))
  var archiveDays: Int?

  @Option(
    help: ArgumentHelp(
      "Keep figures for Prometheus in this file, replaced each 15 seconds and at the end.",
      valueName: "file"))
  var metrics: String?

  func settings(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(SettingsError) -> SenderSettings {
    let (spool, file) = try place.read(environment: environment)
    var settings = SenderSettings(
      spool: spool, destinations: file?.destinations ?? [],
      archive: file?.archive ?? ArchiveSettings(), metrics: metrics ?? file?.metrics,
      report: file?.report)
    settings.destinations += try destinations.map { text throws(SettingsError) in
      try destination(text)
    }
    if settings.destinations.isEmpty {
      settings.destinations = [
        DestinationSettings(name: "sqlite-notices", kind: .sqlite("\(spool)/notices.db"))
      ]
    }
    if let archive { settings.archive.form = archive }
    if let archiveDays {
      guard archiveDays >= 1 else { throw SettingsError("--archive-days: expected at least 1") }
      settings.archive.daysMax = archiveDays
    }
    let names = settings.destinations.map(\.name)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw SettingsError(
        "two destinations are called '\(twice)': name them, as in --to NAME=URL")
    }
    return settings
  }

  /// `NAME=URL`, where a `=` before the first `:` can only end a name.
  private func destination(_ text: String) throws(SettingsError) -> DestinationSettings {
    var url = text[...]
    var name: String?
    if let equals = text.firstIndex(of: "="), !text[..<equals].contains(":") {
      name = String(text[..<equals])
      url = text[text.index(after: equals)...]
    }
    if let name, !DestinationSettings.isName(name) {
      throw SettingsError("--to '\(name)=…': \(DestinationSettings.nameRule)")
    }
    let parsed = try DestinationURL(String(url))
    switch parsed.scheme {
    case .sqlite(let path):
      return DestinationSettings(name: name ?? parsed.nameDerived, kind: .sqlite(path))
    case .file(let directory):
      return DestinationSettings(
        name: name ?? parsed.nameDerived, kind: .file(FileSettings(directory: directory)))
    case .postgreSQL(let connection):
      var database = PostgreSQLSettings(connection: connection)
      database.createsTable = true
      let kind = DestinationSettings.Kind.postgreSQL(try database.examined())
      return DestinationSettings(name: name ?? parsed.nameDerived, kind: kind)
    case .kafka(let brokers, let topic):
      let kind = DestinationSettings.Kind.kafka(
        try KafkaSettings(brokers: brokers, topic: topic).examined())
      return DestinationSettings(name: name ?? parsed.nameDerived, kind: kind)
    case .http:
      var http = HTTPSettings(url: parsed.text, body: body, userAgent: SenderVersion.userAgent)
      http.method = method
      do throws(HTTPSettingsError) {
        try http.validate()
      } catch {
        throw SettingsError("--to \(DestinationURL.withoutSecrets(parsed.text)): \(error)")
      }
      return DestinationSettings(name: name ?? parsed.nameDerived, kind: .http(http))
    }
  }
}

extension BodyForm: ExpressibleByArgument {}
extension SegmentArchive.Form: ExpressibleByArgument {}
