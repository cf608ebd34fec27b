import Notice
import Spool
import SystemCalls

/// How a spool and its destinations are at the moment, found without the sender's help.
struct SpoolStatus {
  struct Destination {
    enum State: Equatable {
      /// No sender works on the spool; why the last one had paused it, if it had.
      case stopped(LaneHealth?)
      case running(since: Timestamp?)
      case paused(LaneHealth)
      /// Its checkpoint cannot be read.
      case unknown(reason: String)
    }

    let name: String
    var counts = Checkpoint.Counts()
    var pending = 0
    /// When the oldest pending record was received.
    var oldest: Timestamp?
    /// Segments that could not be read and were passed over.
    var unread: [Int] = []
    var state: State
  }

  let facts: SpoolFacts
  let destinations: [Destination]
  let time: Timestamp

  init(
    _ directory: SpoolDirectory, backlog: inout Backlog, _ system: any SystemCalls
  ) throws {
    facts = try SpoolFacts(directory, system)
    time = Timestamp(milliseconds: system.realtimeNanoseconds() / 1_000_000)
    let isRunning = facts.senderProcess != nil
    destinations = try KnownDestinations(directory, system).names.map { name in
      let health = LaneHealth.load(name, directory, system)
      var destination = Destination(name: name, state: Self.state(health, isRunning: isRunning))
      do {
        guard let checkpoint = try CheckpointStore(name, directory, system).peek() else {
          return destination
        }
        destination.counts = checkpoint.counts
        destination.unread = (checkpoint.unread ?? []).map(\.segment)
        destination.pending = try backlog.pending(checkpoint)
        destination.oldest = try backlog.oldest(checkpoint)
      } catch {
        destination.state = .unknown(reason: "\(error)")
      }
      return destination
    }
  }

  private static func state(_ health: LaneHealth?, isRunning: Bool) -> Destination.State {
    let paused = health.flatMap { $0.state == .paused ? $0 : nil }
    guard isRunning else { return .stopped(paused) }
    return paused.map { .paused($0) } ?? .running(since: health?.since)
  }
}
