import Notice
import Spool
import SystemCalls

/// All that the page shows, found without the sender's help.
struct Report {
  struct Letter {
    let destination: String
    let time: String
    let id: String
    let attempts: Int?
    let reason: String
  }

  let time: Timestamp
  let hours: Int
  let status: SpoolStatus
  let traffic: Traffic
  /// The last messages; none unless asked for.
  let texts: [String]
  let refusals: [RefusalTally.Row]
  /// The last ones, the newest first.
  let letters: [Letter]

  static let lettersMax = 20

  init(
    _ reader: borrowing TrafficReader, hours: Int, backlog: inout Backlog,
    _ directory: SpoolDirectory, _ system: any SystemCalls
  ) throws {
    self.hours = hours
    status = try SpoolStatus(directory, backlog: &backlog, system)
    time = status.time
    traffic = reader.traffic
    texts = reader.texts
    let start = Timestamp(milliseconds: time.milliseconds - Int64(hours) * 3_600_000)
    refusals = try RefusalTally(since: start, directory, system).rows
    var letters: [Letter] = []
    for destination in status.destinations.map(\.name) {
      var last: ArraySlice<Letter> = []
      try DeadLetters(destination, directory, system).read { letter, _ in
        last.append(
          Letter(
            destination: destination, time: letter.time, id: letter.record.id,
            attempts: letter.attempts, reason: letter.reason ?? ""))
        if last.count > Self.lettersMax { last.removeFirst() }
      }
      letters += last
    }
    self.letters = Array(letters.sorted { $0.time > $1.time }.prefix(Self.lettersMax))
  }
}
