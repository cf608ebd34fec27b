import CCurl
import Delivery
import Glibc

/// Delivers to an HTTP receiver, many requests at once over connections that are kept. One answer is the outcome of the
/// record or the batch that was sent; a redirect is an answer. A batch that is refused for what is in it is halved
/// until the records at fault stand alone. The time for a request is kept here, outside the HTTP library.
@safe package final class HTTPDestination: Destination {
  package var capacity: Int { settings.concurrencyMax * (settings.batch?.recordsMax ?? 1) }

  private let settings: HTTPSettings
  private let endpoint: HTTPEndpoint
  private let multi: UnsafeMutableRawPointer
  private var transfers: [HTTPTransfer] = []
  private var idle: [HTTPTransfer] = []
  private var queue: BatchQueue
  /// No request under way has a deadline before this.
  private var earliestDeadlineMilliseconds = Int.max
  private var ended: [DeliveryReport] = []

  package init(_ settings: HTTPSettings) throws(HTTPSettingsError) {
    try settings.validate()
    endpoint = try HTTPEndpoint(url: settings.url)
    self.settings = settings
    queue = BatchQueue(settings.batch)
    CurlLibrary.initialize()
    guard let multi = unsafe curl_multi_init() else {
      fatalError("unable to allocate a libcurl multi handle")
    }
    unsafe self.multi = unsafe multi
    // As many connections are kept as requests can be under way.
    unsafe curl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, settings.concurrencyMax)
  }

  deinit {
    for transfer in transfers where transfer.deadlineMilliseconds != nil {
      unsafe curl_multi_remove_handle(multi, transfer.handle)
    }
    transfers = []
    idle = []
    unsafe curl_multi_cleanup(multi)
  }

  package func begin(_ attempt: DeliveryAttempt) {
    let now = Clock.monotonicMilliseconds()
    queue.add(attempt, now: now)
    while hasRoom, let batch = queue.nextClosed() { send(batch, now: now) }
  }

  package func wait(milliseconds: Int, wakeUps: [Int32], into reports: inout [DeliveryReport]) {
    var now = Clock.monotonicMilliseconds()
    let end = now + milliseconds
    while true {
      while hasRoom, let batch = queue.nextDue(now: now) { send(batch, now: now) }
      work()
      now = Clock.monotonicMilliseconds()
      if now >= earliestDeadlineMilliseconds { giveUp(now: now) }
      if !ended.isEmpty || now >= end { break }
      if poll(milliseconds: max(0, min(end, nextEventMilliseconds) - now), wakeUps) { break }
      now = Clock.monotonicMilliseconds()
    }
    ended.move(to: &reports)
  }

  private var hasRoom: Bool { transfers.count - idle.count < settings.concurrencyMax }

  /// When there is something to do, though no connection says so.
  private var nextEventMilliseconds: Int {
    guard hasRoom, let due = queue.dueMilliseconds else { return earliestDeadlineMilliseconds }
    return min(due, earliestDeadlineMilliseconds)
  }

  private func send(_ batch: [DeliveryAttempt], now: Int) {
    let transfer = idle.popLast() ?? newTransfer()
    let deadline = now + settings.timeoutSeconds * 1000
    transfer.prepare(batch, deadlineMilliseconds: deadline, nowSeconds: Clock.realtimeSeconds())
    earliestDeadlineMilliseconds = min(earliestDeadlineMilliseconds, deadline)
    check(unsafe curl_multi_add_handle(multi, transfer.handle))
  }

  private func newTransfer() -> HTTPTransfer {
    let transfer = HTTPTransfer(settings, endpoint)
    transfers.append(transfer)
    return transfer
  }

  /// Sends and receives what can be without waiting, and reports what has come to its end.
  private func work() {
    var running: Int32 = 0
    check(unsafe curl_multi_perform(multi, &running))
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
      var this: UnsafeMutableRawPointer?
      unsafe curl_easy_getinfo_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &this)
      let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(this!).takeUnretainedValue()
      // Read before the handle is removed: the message goes with it.
      let result = unsafe message.pointee.data.result
      if transfer.lostKeptConnection(result) {
        // libcurl begins such a request again by itself, but only five times in a handle's life.
        check(unsafe curl_multi_remove_handle(multi, transfer.handle))
        check(unsafe curl_multi_add_handle(multi, transfer.handle))
      } else {
        finish(transfer, .libcurl(result))
      }
    }
  }

  private func giveUp(now: Int) {
    var earliest = Int.max
    for transfer in transfers {
      guard let deadline = transfer.deadlineMilliseconds else { continue }
      if deadline <= now {
        finish(transfer, .deadline)
      } else {
        earliest = min(earliest, deadline)
      }
    }
    earliestDeadlineMilliseconds = earliest
  }

  private func finish(_ transfer: HTTPTransfer, _ ending: HTTPTransfer.Ending) {
    let outcome = transfer.outcome(ending, settings, endpoint)
    check(unsafe curl_multi_remove_handle(multi, transfer.handle))
    let attempts = transfer.finish()
    idle.append(transfer)
    if attempts.count > 1, Self.isOfBody(outcome) {
      queue.bisect(attempts)
    } else {
      ended += attempts.map { DeliveryReport($0, outcome) }
    }
  }

  /// Whether an answer may be about one record of a batch, or about how many they are.
  private static func isOfBody(_ outcome: DeliveryOutcome) -> Bool {
    if case .answered(let status, _, _) = outcome {
      [400, 413, 422].contains(status)
    } else {
      false
    }
  }

  /// Sleeps until a connection or a wake-up has something; returns whether it is a wake-up.
  private func poll(milliseconds: Int, _ wakeUps: [Int32]) -> Bool {
    var descriptors = wakeUps.map {
      curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    }
    unsafe descriptors.withUnsafeMutableBufferPointer { descriptors in
      check(
        unsafe curl_multi_poll(
          multi, descriptors.baseAddress, UInt32(descriptors.count),
          Int32(clamping: milliseconds), nil))
    }
    return descriptors.contains { $0.revents != 0 }
  }

  /// A multi handle's calls can fail only for want of memory or by wrong use.
  private func check(_ result: CURLMcode) {
    guard result == CURLM_OK else {
      fatalError("libcurl: \(unsafe String(cString: curl_multi_strerror(result)))")
    }
  }
}
