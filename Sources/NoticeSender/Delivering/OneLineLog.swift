import Logging
import Notice

/// Logs to standard error, each message on one line whatever is in it: some of it is what destinations say.
struct OneLineLog: LogHandler {
  private var lines: StreamLogHandler

  init(label: String) {
    lines = .standardError(label: label)
  }

  var logLevel: Logger.Level {
    get { lines.logLevel }
    set { lines.logLevel = newValue }
  }

  var metadata: Logger.Metadata {
    get { lines.metadata }
    set { lines.metadata = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { lines[metadataKey: key] }
    set { lines[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    var event = event
    event.message = "\(OneLine.shown(event.message.description))"
    lines.log(event: event)
  }
}
