import Delivery
import Notice
import Testing

@testable import NoticeSender

struct SettingsDifferenceTests {
  private func settings(_ name: String, _ path: String = "/x.db") -> DestinationSettings {
    DestinationSettings(name: name, kind: .sqlite(path))
  }

  @Test func `nothing changed, nothing stops`() {
    let same = [settings("a"), settings("b")]
    let difference = SettingsDifference(from: same, to: same.reversed())
    #expect(difference.kept == ["b", "a"])
    #expect(difference.stopped.isEmpty && difference.started.isEmpty)
    #expect(difference.description == "goes on with b, a")
  }

  @Test func `what is new starts, what is gone stops, what changed does both`() {
    let difference = SettingsDifference(
      from: [settings("kept"), settings("gone"), settings("changed")],
      to: [settings("new"), settings("changed", "/y.db"), settings("kept")])
    #expect(difference.kept == ["kept"])
    #expect(difference.stopped == ["gone", "changed"])
    #expect(difference.started == [settings("new"), settings("changed", "/y.db")])
    #expect(difference.description == "stops gone, changed; starts new, changed; goes on with kept")
  }

  @Test func `every setting of a destination counts`() throws {
    let old = settings("a")
    var pattern = NoticePattern()
    try pattern.require(.type, oneOf: ["text"])
    var changes = Array(repeating: old, count: 4)
    changes[0].order = .strict
    changes[1].filter.only = [pattern]
    changes[2].filter.except = [pattern]
    changes[3].suppressesDuplicates = true
    for changed in changes {
      #expect(SettingsDifference(from: [old], to: [changed]).stopped == ["a"])
    }
  }
}
