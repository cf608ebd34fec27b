package import SystemCalls

/// What a server is given, and what it tells.
extension FastCGIServer {
  package struct Settings: Sendable {
    /// Workers that there are from the start.
    package var workers = 8
    /// Workers that there are at most.
    package var workersMax = 1024
    /// Connections that there are at most.
    package var connectionsMax = 16_384
    /// How long a peer may take for a request's head, for each 64 KiB of its body and for the answer, and a connection stay
    /// without a request: longer than a web server keeps it so (nginx 60 s unless it is told otherwise), which is the one to
    /// close it.
    package var silenceSecondsMax = 75
    /// How long the requests in hand may take once ``FastCGIServer/stop()`` is called.
    package var stopSecondsMax = 30
    /// How long of these connections are accepted that wait already, as others that come without end must not keep the process;
    /// and how long they get to send what they were opened for.
    package var lastAcceptMilliseconds: Int32 = 1000

    package init() {}
  }

  /// What the operator of a server may want to know while it runs.
  package enum Event: Sendable {
    /// No room for one more connection: tried again ten times a second.
    case acceptPutOff(SystemCallError)
    /// The system allows no more worker threads than these.
    case workersLimited(to: Int, SystemCallError)
  }

  /// How ``run()`` ended.
  package enum Ending: Sendable {
    case stopped
    /// So many requests were not finished within ``Settings/stopSecondsMax``.
    case abandoned(requests: Int)
    case failed(SystemCallError)
  }
}
