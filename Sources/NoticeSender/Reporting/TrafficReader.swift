import Notice
import Spool
import SystemCalls

/// Keeps ``Traffic`` up to date from the spool and its archive: all of the time asked for at first, then what has come since.
struct TrafficReader: ~Copyable {
  private(set) var traffic = Traffic()
  /// The last messages as lines for a person, the oldest first; none unless asked for.
  private(set) var texts: [String] = []
  private let hours: Int
  private let textsMax: Int
  private let directory: SpoolDirectory
  private let system: any SystemCalls
  private var reader: SpoolReader?

  private static let hourMilliseconds: Int64 = 3_600_000

  init(
    hours: Int, textsMax: Int, _ directory: SpoolDirectory, _ system: any SystemCalls
  ) {
    self.hours = hours
    self.textsMax = textsMax
    self.directory = directory
    self.system = system
  }

  /// Reads on; false where `isStopped` said so before the end.
  mutating func update(now: Timestamp, isStopped: () -> Bool) throws -> Bool {
    let start = Timestamp(milliseconds: now.milliseconds - Int64(hours) * Self.hourMilliseconds)
    var selection = RecordSelection()
    selection.since = start
    let search = RecordSearch(selection: selection, isOfDead: false)
    do {
      if reader == nil {
        let end = try search.run(directory, system) { hit in
          if isStopped() { throw Stopped() }
          take(hit)
        }
        reader = SpoolReader(directory, from: end, system)
      }
      if var reader = self.reader.take() {
        try search.run(&reader) { hit in
          if isStopped() { throw Stopped() }
          take(hit)
        }
        self.reader = consume reader
      }
    } catch is Stopped {
      return false
    }
    traffic.forget(before: start)
    return true
  }

  private struct Stopped: Error {}

  private mutating func take(_ hit: RecordSearch.Hit) {
    guard let received = hit.record.string(.receivedAt).flatMap({ Timestamp(rfc3339: $0) }) else {
      return
    }
    traffic.add(hit.record, receivedAt: received)
    guard textsMax > 0 else { return }
    texts.append(RecordLine(hit, localTime: LocalTime.text).text)
    if texts.count > textsMax { texts.removeFirst() }
  }
}
