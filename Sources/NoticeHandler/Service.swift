import FastCGI
import Spool
import SystemCalls

/// Serves FastCGI until a signal asks it to stop.
struct Service {
  private let settings: HandlerSettings
  private let start: Start
  private let system: any SystemCalls
  private let log: Log

  init(_ settings: HandlerSettings, _ start: Start, _ system: any SystemCalls, _ log: Log) {
    self.settings = settings
    self.start = start
    self.system = system
    self.log = log
  }

  func run() -> ExitStatus {
    let intake = Intake(settings, system, log)
    switch intake.probe() {
    case .failed(let error):
      log.line(.fatal, "unable to write to the spool \(settings.spool): \(error.advised)")
      return .temporary
    case .laterFormat(let later):
      log.line(.fatal, "unable to write to the spool \(settings.spool): \(later)")
      return .misused
    case .full(let error):
      log.line(.warning, "unable to take notices yet: no space left: \(error.advised)")
    case .contended, nil: break
    }
    do throws(ListenError) {
      guard let listener = try listener() else {
        log.line(
          .fatal,
          "\(Setting.listen.option) or \(Setting.listen.variable): not set, and no socket was handed "
            + "over; expected \(Setting.listen.expected)")
        return .misused
      }
      return serve(listener, intake)
    } catch {
      log.line(.fatal, "unable to listen on \(error)")
      return .temporary
    }
  }

  /// What the settings say comes before what the starter hands over.
  private func listener() throws(ListenError) -> Listener? {
    if let address = settings.listen {
      return try Listener(address, mode: settings.socketMode, system: system)
    }
    guard case .socket(let descriptor) = start else { return nil }
    return try Listener(inherited: descriptor, system: system)
  }

  private func serve(_ listener: Listener, _ intake: Intake) -> ExitStatus {
    var serving = settings.serving
    serving.connectionsMax = DescriptorLimit.raise(forConnections: serving.connectionsMax)
    if serving.connectionsMax < serving.workersMax {
      log.line(
        .warning,
        "the limit of open files allows no more than \(serving.connectionsMax) connections: raise it "
          + "(ulimit -n, LimitNOFILE=)")
    }
    do throws(SystemCallError) {
      let server = try FastCGIServer(
        listener, settings: serving, system: system, report: report
      ) { request, reply in intake.respond(to: request, reply: reply) }
      try WorkerThread(name: "signals") { [log] in
        let signal = StopSignals.wait()
        log.line(.info, "stopping at signal \(signal): no new requests")
        server.stop()
      }.detach()
      log.line(
        .info,
        "serving \(settings.path.description) on \(listener.description): \(serving.workers) to "
          + "\(serving.workersMax) workers, spool \(settings.spool), durability "
          + "\(settings.writing.durability.rawValue), keys \(settings.text(.key))")
      return status(of: server.run())
    } catch {
      log.line(.fatal, "unable to serve: \(error)")
      return .temporary
    }
  }

  private func report(_ event: FastCGIServer.Event) {
    switch event {
    case .acceptPutOff(let error):
      log.repeatable(.warning, "unable to accept a connection yet: \(error)")
    case .workersLimited(let workers, let error):
      log.repeatable(.warning, "unable to start more than \(workers) workers: \(error)")
    }
  }

  private func status(of ending: FastCGIServer.Ending) -> ExitStatus {
    switch ending {
    case .stopped:
      log.line(.info, "stopped")
      return .success
    case .abandoned(let requests):
      log.line(
        .error,
        "unable to finish \(requests) requests in \(settings.serving.stopSecondsMax) s: left them")
      return .temporary
    case .failed(let error):
      log.line(.fatal, "unable to go on serving: \(error)")
      return .temporary
    }
  }
}
