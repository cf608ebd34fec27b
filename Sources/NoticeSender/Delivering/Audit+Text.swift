import JSONText
import Notice

extension Audit {
  /// For a person.
  var text: String {
    var table = TextTable([
      ("DESTINATION", false), ("ACCEPTED", true), ("DELIVERED", true), ("FILTERED", true),
      ("PENDING", true), ("DEAD", true), ("RESULT", false),
    ])
    for account in accounts {
      table.add([
        account.destination, "\(account.accepted)", "\(account.counts.delivered)",
        "\(account.counts.filtered)", "\(account.pending)", "\(account.counts.dead)",
        account.findings.isEmpty ? "adds up" : "does not add up",
      ])
    }
    var text = accounts.isEmpty ? "no destination has been delivered to yet\n" : table.text
    for note in notes { text += "note: \(OneLine.shown(note))\n" }
    for finding in findings { text += "finding: \(OneLine.shown(finding))\n" }
    for account in accounts {
      for finding in account.findings {
        text += "finding: \(OneLine.shown("\(account.destination): \(finding)"))\n"
      }
    }
    return text
  }

  /// One object.
  var json: String {
    var object = JSONObjectWriter()
    object.member("clean", bool: isClean)
    object.member("findings", token: Self.array(findings))
    object.member("notes", token: Self.array(notes))
    let list = accounts.map { account in
      var object = JSONObjectWriter()
      object.member("name", string: account.destination)
      for (name, value) in [
        ("accepted", account.accepted), ("delivered", account.counts.delivered),
        ("filtered", account.counts.filtered), ("pending", account.pending),
        ("dead", account.counts.dead), ("damaged", account.counts.damaged),
        ("lost", account.counts.lost), ("replayed", account.counts.replayed),
      ] {
        object.member(name, number: value)
      }
      object.member("findings", token: Self.array(account.findings))
      return String(decoding: object.bytes, as: UTF8.self)
    }
    object.member("destinations", token: Array("[\(list.joined(separator: ","))]".utf8))
    return String(decoding: object.bytes, as: UTF8.self)
  }

  private static func array(_ texts: [String]) -> [UInt8] {
    var output = [UInt8(ascii: "[")]
    for text in texts {
      if output.count > 1 { output.append(UInt8(ascii: ",")) }
      JSONString.append(text, to: &output)
    }
    return output + [UInt8(ascii: "]")]
  }
}
