import Notice

/// What stands under `only` or `except`: one pattern, or a list of which one is enough.
///
///     only: {type: [text, image], isSelf: false}
///     except: [{type: recalled}, {source: [api, 8], room: true}]
struct FilterNode {
  private let node: SettingsNode

  init(_ node: SettingsNode) {
    self.node = node
  }

  func patterns() throws(SettingsError) -> [NoticePattern] {
    var patterns: [NoticePattern] = []
    try SettingsError.collect(node.entries) { (entry) throws(SettingsError) in
      patterns.append(try Self.pattern(entry))
    }
    if patterns.isEmpty { throw node.error("expected at least one pattern") }
    return patterns
  }

  private static func pattern(_ node: SettingsNode) throws(SettingsError) -> NoticePattern {
    var pattern = NoticePattern()
    var count = 0
    try node.forEachMember(
      known: NoticeFilterField.allCases.map(\.rawValue)
    ) { (member) throws(SettingsError) in
      guard let field = NoticeFilterField(rawValue: member.key) else { return }
      let values = try values(member.value)
      do throws(NoticeFilterError) {
        try pattern.require(field, oneOf: values)
        count += 1
      } catch {
        let hint =
          error.names.isEmpty
          ? "expected text" : "unknown\(NearestName.hint(error.value, among: error.names))"
        throw member.value.error("'\(error.value)': \(hint)")
      }
    }
    if count == 0 { throw node.error("expected at least one field") }
    return pattern
  }

  private static func values(_ node: SettingsNode) throws(SettingsError) -> [String] {
    let values = try node.entries.map { (entry) throws(SettingsError) in try entry.string() }
    if values.isEmpty { throw node.error("expected at least one value") }
    return values
  }
}
