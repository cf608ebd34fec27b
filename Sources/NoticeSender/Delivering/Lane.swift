import Delivery
import Destinations
import Logging
import Notice
import Spool
import SystemCalls

/// One destination's way through the spool, on a thread of its own, so that no destination holds up another: reads
/// records, carries out what ``DeliveryQueue`` decides, and records how far it came.
struct Lane: ~Copyable {
  enum Mode: Sendable {
    /// Until it is stopped.
    case run
    /// Until nothing can be delivered now.
    case once
  }

  let name: String
  let mode: Mode
  let directory: SpoolDirectory
  let destination: any Destination
  let filter: NoticeFilter
  /// nil: duplicates are delivered as any other.
  var duplicates: DuplicateMemory?
  let system: any SystemCalls
  let store: CheckpointStore
  let deadLetters: DeadLetters
  let requeueFiles: RequeueFiles
  let damage: DamageLog
  let stop: Latch
  let watch: SpoolWatch
  let report: Monitor<LaneReport>
  let log: Logger

  var queue: DeliveryQueue
  var reader: SpoolReader
  var checkpoint: Checkpoint
  var records = PendingRecords()
  var unreadable: UnreadableState
  var requeue: RequeueWork
  var buried: BuriedLetters
  var deliveries: DeliveryJournal
  var journal: HealthJournal
  var attempts = AttemptCounts()
  var inFlight = 0
  /// What has ended and is not looked at yet.
  var reports: [DeliveryReport] = []
  var atEnd = false
  /// Something could not be read when it was looked at last.
  var hasFailedToRead = false
  var lastLetterAt = Timestamp(milliseconds: 0)
  var isChanged = false
  var savedAt: Int64 = 0
  var stoppedAt: Int64?

  /// Records read in one go, between which attempts are looked after.
  static let readsMax = 256
  /// How often what cannot be read is read once more, a second later, before it is left for later.
  static let rereadsMax = 3
  /// How old a checkpoint becomes while deliveries go on: what a power cut repeats.
  static let checkpointMilliseconds: Int64 = 1000
  /// How often the spool is looked at without a hint.
  static let pollMilliseconds: Int64 = 1000
  /// What attempts under way get to end when the sender is stopped.
  static let stopMilliseconds: Int64 = 10_000

  init(
    _ settings: DestinationSettings, mode: Mode, in directory: SpoolDirectory,
    damage: DamageLog, stop: Latch, report: Monitor<LaneReport>, _ system: any SystemCalls,
    _ log: Logger, to destination: (any Destination)? = nil
  ) throws {
    // What can fail comes first: a value that is not copied is made as a whole.
    let name = settings.name
    let store = CheckpointStore(name, directory, system, log)
    let deadLetters = DeadLetters(name, directory, system)
    let requeueFiles = RequeueFiles(name, directory, system)
    let destination = try destination ?? settings.makeDestination(system)
    let checkpoint = try store.load()
    let buried = try BuriedLetters(deadLetters, requeueFiles, checkpoint, system)
    self.name = name
    self.mode = mode
    self.directory = directory
    self.system = system
    self.damage = damage
    self.stop = stop
    self.report = report
    self.log = log
    filter = settings.filter
    self.store = store
    self.deadLetters = deadLetters
    self.requeueFiles = requeueFiles
    self.destination = destination
    self.checkpoint = checkpoint
    self.buried = buried
    requeue = RequeueWork(checkpoint.requeue, requeueFiles, deadLetters, system)
    if settings.suppressesDuplicates {
      duplicates = DuplicateMemory(name, directory, system, log)
    }
    // What is new is not waited for by `once`, and the kernel takes some 15 ms to end a watch.
    watch = mode == .run ? SpoolWatch(directory) : SpoolWatch()
    unreadable = UnreadableState()
    deliveries = DeliveryJournal(name, directory, system, log)
    journal = HealthJournal(name, directory, system, log)
    queue = DeliveryQueue(order: settings.order, concurrencyMax: destination.capacity)
    reader = SpoolReader(directory, from: checkpoint.position, system)
    restore()
    publish()
  }

  /// Works until it is stopped, or, in the mode `once`, until there is nothing to do now.
  mutating func run() {
    // What it begins with is on disk.
    savedAt = milliseconds()
    while true {
      let now = milliseconds()
      watch.clear()
      if stoppedAt == nil { startAtOnce(now) }
      if stoppedAt == nil { fill() }
      let idleUntil = stoppedAt == nil ? start(now) : nil
      if isDone(now, idleUntil: idleUntil) { break }
      saveIfDue(now)
      var wakeUps = [stop.descriptor]
      if let descriptor = watch.descriptor { wakeUps.append(descriptor) }
      if stoppedAt != nil { wakeUps = [] }
      let wait = waitMilliseconds(now, idleUntil: idleUntil)
      waitForReports(milliseconds: wait, wakeUps: wakeUps)
    }
    save()
    // What was requeued is cleared away by the second.
    save()
    // What a person asked for while an earlier requeue was at work waits for the next run.
    let isRequeueTaken = (try? requeueFiles.waiting(requeue.progress))?.isEmpty == true
    report.withLock {
      $0.isDrained =
        isRequeueTaken && queue.unsettled == 0 && atEnd && !hasFailedToRead
        && unreadable.records.isEmpty && checkpoint.unread == nil
    }
  }

  // MARK: Waiting and leaving

  func isDone(_ now: Int64, idleUntil: Int64?) -> Bool {
    if let stoppedAt { return inFlight == 0 || now - stoppedAt > Self.stopMilliseconds }
    guard mode == .once, inFlight == 0 else { return false }
    return atEnd && !unreadable.isTakingUp || !queue.wantsMore
  }

  func waitMilliseconds(_ now: Int64, idleUntil: Int64?) -> Int {
    if !atEnd, queue.wantsMore, stoppedAt == nil { return 0 }
    var until = now + Self.pollMilliseconds
    if let idleUntil { until = min(until, idleUntil) }
    if needsCheckpoint { until = min(until, savedAt + Self.checkpointMilliseconds) }
    return Int(max(0, until - now))
  }

  // MARK: Time

  func milliseconds() -> Int64 { system.monotonicNanoseconds() / 1_000_000 }

  func wall(_ monotonic: Int64) -> Timestamp {
    Timestamp(
      milliseconds: system.realtimeNanoseconds() / 1_000_000 + monotonic - milliseconds())
  }

  func monotonic(_ wall: Timestamp) -> Int64 {
    milliseconds() + wall.milliseconds - system.realtimeNanoseconds() / 1_000_000
  }
}
