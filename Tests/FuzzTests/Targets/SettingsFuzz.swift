@testable import NoticeSender

/// A settings file of any bytes: read or refused with reasons, none of which shows what is secret.
enum SettingsFuzz {
  private static let secret = "s3cr3tValue"

  static func run(_ input: [UInt8]) throws {
    guard let text = String(validating: input, as: UTF8.self) else { return }
    var names: [String] = []
    do throws(SettingsError) {
      let file = try SettingsFile(
        parsing: text, file: "sender.yaml", environment: ["SECRET": secret])
      names = file.destinations.map(\.name)
    } catch {
      try expect(!error.reasons.isEmpty, "an error has a reason")
      try expect(
        error.reasons.allSatisfy { !$0.contains(secret) }, "an error shows no value of a variable")
    }
    try expect(names.allSatisfy(DestinationSettings.isName), "a destination's name names files")
  }
}
