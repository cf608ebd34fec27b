import Delivery
import Notice

/// Keeps records in a table of a PostgreSQL database, each once. A batch is a transaction, several are on their way at once,
/// and `.delivered` means that the server has committed. A record at fault is refused alone (``PostgreSQLBatches``); any other
/// fault ends the connection, which is made again for the next attempt.
package final class PostgreSQLDestination: Destination {
  package var capacity: Int { PostgreSQLBatches.attemptsMax(recordsMax: settings.recordsMax) }

  private enum Stage {
    case connecting
    /// Examining the server and the table: that many answers are still to come.
    case opening(answers: Int)
    case ready
  }

  private let settings: PostgreSQLSettings
  private let table: PostgreSQLTable
  private var batches: PostgreSQLBatches
  private var session: (any PostgreSQLSession)?
  private var stage = Stage.connecting
  private var makesTable = false
  /// Whether the table takes rows by COPY.
  private var copies = false
  /// Until when the server has to say something.
  private var deadlineMilliseconds = Int.max
  private var ended: [DeliveryReport] = []

  package init(_ settings: PostgreSQLSettings) throws(PostgreSQLSettingsError) {
    try settings.validate()
    try Self.examine(settings)
    self.settings = settings
    table = try PostgreSQLTable(settings.table)
    batches = PostgreSQLBatches(recordsMax: settings.recordsMax)
  }

  package func begin(_ attempt: DeliveryAttempt) {
    guard PostgreSQLTable.uuid(of: attempt.record) != nil else {
      return report([attempt], .refused(reason: "its id is no UUID"))
    }
    batches.add(attempt)
    // What is full goes at once, so that the server works while the rest is put together.
    do throws(PostgreSQLError) {
      if batches.areUnderWay { try sendBatches(Clock.monotonicMilliseconds()) }
    } catch {
      fail(error)
    }
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    let end = Clock.monotonicMilliseconds() + milliseconds
    var (isWoken, hasPolled) = (false, false)
    while true {
      let now = Clock.monotonicMilliseconds()
      do throws(PostgreSQLError) {
        try send(now)
        if now >= deadlineMilliseconds { throw silence() }
        let pause = ended.isEmpty && !isWoken ? max(0, min(end, deadlineMilliseconds) - now) : 0
        // The server gets its turn even where there is no time to wait.
        if pause == 0, hasPolled { break }
        hasPolled = true
        isWoken = try poll(milliseconds: pause, wakeUps)
      } catch {
        fail(error)
      }
    }
    ended.move(to: &reports)
  }

  // MARK: Sending

  /// Begins what can begin.
  private func send(_ now: Int) throws(PostgreSQLError) {
    if session == nil, batches.areWaiting { try connect(now) }
    if case .ready = stage { try sendBatches(now) }
  }

  private func sendBatches(_ now: Int) throws(PostgreSQLError) {
    guard let session else { return }
    while true {
      let isFirst = !batches.areUnderWay
      guard let batch = batches.next() else { return }
      if isFirst { deadlineMilliseconds = now + settings.timeoutSeconds * 1000 }
      try session.send(command(batch))
    }
  }

  private func command(_ batch: PostgreSQLBatches.Batch) -> PostgreSQLCommand {
    let records = batch.attempts.lazy.map(\.record)
    if copies, !batch.mayRepeat {
      return PostgreSQLCommand(
        sql: table.copy, copied: PostgreSQLTable.rows(records, batch.form))
    }
    return PostgreSQLCommand(
      sql: batch.mayRepeat ? table.insertionOfNew : table.insertion,
      parameters: PostgreSQLTable.parameters(records, batch.form))
  }

  private func poll(milliseconds: Int, _ wakeUps: [Int32]) throws(PostgreSQLError) -> Bool {
    guard let session else {
      return !Sleep.wait(milliseconds: milliseconds, readable: wakeUps).isEmpty
    }
    let interest = session.interest
    let ready = Sleep.wait(
      milliseconds: milliseconds,
      readable: wakeUps + (interest.forReading ? [interest.descriptor] : []),
      writable: interest.forWriting ? [interest.descriptor] : [])
    if ready.contains(interest.descriptor) {
      let answers = try session.work()
      if session.isOpen, case .connecting = stage { try open(session) }
      for answer in answers { try take(answer) }
    }
    return !ready.isDisjoint(with: wakeUps)
  }

  // MARK: Opening

  /// Why nothing could be delivered now; nil: it could. Makes nothing.
  package static func accessFault(
    _ settings: PostgreSQLSettings
  ) throws(PostgreSQLSettingsError) -> String? {
    let destination = try PostgreSQLDestination(settings)
    do throws(PostgreSQLError) {
      try destination.connect(Clock.monotonicMilliseconds(), making: false)
      while true {
        if case .ready = destination.stage { return nil }
        let now = Clock.monotonicMilliseconds()
        if now >= destination.deadlineMilliseconds { throw destination.silence() }
        _ = try destination.poll(milliseconds: destination.deadlineMilliseconds - now, [])
      }
    } catch {
      return error.state == "42P01" && settings.createsTable ? nil : destination.hint(error)
    }
  }

  private func connect(_ now: Int, making: Bool = true) throws(PostgreSQLError) {
    makesTable = making && settings.createsTable
    stage = .connecting
    deadlineMilliseconds = now + settings.connectTimeoutSeconds * 1000
    session = try Self.connect(settings)
  }

  /// Sends what has to be known before the first batch.
  private func open(_ session: any PostgreSQLSession) throws(PostgreSQLError) {
    var commands = [
      PostgreSQLCommand(
        sql: """
          SELECT current_setting('server_encoding'), current_setting('transaction_read_only'),
            set_config('statement_timeout', '\(settings.timeoutSeconds)s', false),
            set_config('synchronous_commit',
              replace(current_setting('synchronous_commit'), 'off', 'on'), false),
            set_config('TimeZone', 'UTC', false)
          """)
    ]
    if makesTable { commands.append(PostgreSQLCommand(sql: table.creation)) }
    commands.append(PostgreSQLCommand(sql: table.copyability))
    commands.append(table.probe)
    for command in commands { try session.send(command) }
    stage = .opening(answers: commands.count)
    deadlineMilliseconds = Clock.monotonicMilliseconds() + settings.timeoutSeconds * 1000
  }

  /// Of the first answer, what forbids any delivery.
  private func examine(_ server: [String?]) throws(PostgreSQLError) {
    guard server.first == "UTF8" else {
      throw PostgreSQLError(
        state: nil,
        message:
          "the database's encoding is \(server.first.flatMap(\.self) ?? "unknown"): only UTF8 holds every message"
      )
    }
    guard server[1] == "off" else {
      throw PostgreSQLError(state: "25006", message: "the server is read-only")
    }
  }

  // MARK: Answers

  private func take(_ answer: PostgreSQLAnswer) throws(PostgreSQLError) {
    let now = Clock.monotonicMilliseconds()
    switch stage {
    case .connecting: break
    case .opening(let left):
      let row = try answer.get()
      if row.count == 5 { try examine(row) }
      // The last but one answer.
      if left == 2 { copies = row == ["t"] }
      stage = left > 1 ? .opening(answers: left - 1) : .ready
      deadlineMilliseconds = left > 1 ? now + settings.timeoutSeconds * 1000 : .max
    case .ready:
      switch answer {
      case .success: report(batches.take(), .delivered)
      case .failure(let error):
        guard error.isOfRecord else { throw error }
        if let attempt = batches.refuse(error) {
          report([attempt], .refused(reason: "\(error)"))
        }
      }
      deadlineMilliseconds = batches.areUnderWay ? now + settings.timeoutSeconds * 1000 : .max
    }
  }

  private func report(_ attempts: some Sequence<DeliveryAttempt>, _ outcome: DeliveryOutcome) {
    ended += attempts.map { DeliveryReport($0, outcome) }
  }

  // MARK: Faults

  private func silence() -> PostgreSQLError {
    if case .connecting = stage {
      return PostgreSQLError(
        state: nil, message: "no connection within \(settings.connectTimeoutSeconds) s")
    }
    return PostgreSQLError(
      state: nil, message: "no answer from the server within \(settings.timeoutSeconds) s")
  }

  /// Ends the connection, and all that waits: whatever of it the server has committed all the same is there once, however
  /// often it comes again.
  private func fail(_ error: PostgreSQLError) {
    session = nil
    deadlineMilliseconds = .max
    let reason = hint(error)
    report(
      batches.takeAll(),
      error.state == nil ? .unreachable(reason: reason) : .failed(reason: reason))
  }

  private func hint(_ error: PostgreSQLError) -> String {
    switch error.state {
    case "42P01": "\(error); create_table: true makes it"
    case "42P10": "\(error): the column id needs a unique index or primary key"
    default: "\(error)"
    }
  }
}
