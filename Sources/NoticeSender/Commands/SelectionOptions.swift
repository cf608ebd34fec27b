import ArgumentParser
import Notice

/// The options by which a person says which records are meant.
struct SelectionOptions: ParsableArguments {
  @Option(
    help: "Received at this time or later: RFC 3339, or how long ago (90s, 15m, 2h, 3d).",
    transform: PointInTime.read)
  var since: PointInTime?
  @Option(help: "Received before this time.", transform: PointInTime.read) var until: PointInTime?
  @Option(help: "Of this chat (chatId).") var chat: String?
  @Option(help: "From this contact: its id, or a part of its name.") var contact: String?
  @Option(help: "In this room: its id, or a part of its topic.") var room: String?
  @Option(help: "To this bot (botId).") var bot: String?
  @Option(
    parsing: .upToNextOption, help: "Of these types, by name or number: text, image, 10001 …")
  var type: [String] = []
  @Option(help: "With this in what was said.") var text: String?
  @Option(name: .customLong("id"), parsing: .upToNextOption, help: "The ids of records.")
  var ids: [String] = []

  func selection() throws(SettingsError) -> RecordSelection {
    var selection = RecordSelection()
    selection.since = since?.timestamp
    selection.until = until?.timestamp
    selection.ids = Set(ids)
    selection.contact = contact
    selection.room = room
    selection.text = text
    do throws(NoticeFilterError) {
      if let chat { try selection.pattern.require(.chat, oneOf: [chat]) }
      if let bot { try selection.pattern.require(.bot, oneOf: [bot]) }
      if !type.isEmpty { try selection.pattern.require(.type, oneOf: type) }
    } catch {
      throw SettingsError(
        error.names.isEmpty
          ? "'\(error.value)' is what no record has"
          : "--type '\(error.value)': expected a number or one of \(error.names.joined(separator: ", "))"
      )
    }
    return selection
  }
}
