import Glibc

/// One connection of an ``HTTPReceiver``: reads requests and sends answers, until either side ends it.
struct HTTPReceiverConnection {
  let descriptor: Int32
  let number: Int
  /// Received and not yet read.
  private var buffer: [UInt8] = []

  init(descriptor: Int32, number: Int) {
    self.descriptor = descriptor
    self.number = number
  }

  /// nil at the connection's end.
  mutating func readRequest() -> HTTPReceiver.Request? {
    guard let headEnd = readHead() else { return nil }
    let lines = String(decoding: buffer[..<headEnd], as: UTF8.self)
      .split(separator: "\r\n").map(String.init)
    let words = (lines.first ?? "").split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = String(
        line[line.index(after: colon)...].drop { $0 == " " })
    }
    let bodyStart = headEnd + 4
    let bodyEnd = bodyStart + (headers["content-length"].flatMap { Int($0) } ?? 0)
    while buffer.count < bodyEnd { guard receive() else { return nil } }
    defer { buffer.removeFirst(bodyEnd) }
    return HTTPReceiver.Request(
      method: words[0], target: words[1], headers: headers,
      body: Array(buffer[bodyStart..<bodyEnd]), connection: number)
  }

  /// Returns whether the connection can go on.
  mutating func send(_ answer: HTTPReceiver.Answer) -> Bool {
    switch answer {
    case .status(let status, let headers, let body):
      let lines = ["HTTP/1.1 \(status) Answer", "Content-Length: \(body.utf8.count)"] + headers
      return send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    case .delayed(let milliseconds, let answer):
      return !isEnded(within: milliseconds) && send(answer)
    case .endlessBody(let status):
      let piece = String(repeating: "endless ", count: 1024)
      guard send("HTTP/1.1 \(status) Answer\r\n\r\n") else { return false }
      while send(piece) {}
    case .slowHeader(let status):
      guard send("HTTP/1.1 \(status) Answer\r\nX-Slow: ") else { return false }
      while !isEnded(within: 50), send("x") {}
    case .close: break
    case .silence: while receive() {}
    case .bytes(let text): _ = send(text)
    case .tunnel(let port): tunnel(to: port)
    }
    return false
  }

  /// Where the empty line stands that ends the head.
  private mutating func readHead() -> Int? {
    var searched = 0
    while true {
      if let end = (searched..<max(searched, buffer.count - 3)).first(where: {
        buffer[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8)
      }) {
        return end
      }
      searched = max(0, buffer.count - 3)
      guard receive() else { return nil }
    }
  }

  private mutating func receive() -> Bool {
    let piece = Self.receive(from: descriptor)
    buffer.append(contentsOf: piece)
    return !piece.isEmpty
  }

  private static func receive(from descriptor: Int32) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 16384) { piece, count in
      unsafe count = max(0, recv(descriptor, piece.baseAddress, piece.count, 0))
    }
  }

  private func send(_ text: String) -> Bool { Self.send(Array(text.utf8), to: descriptor) }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// Passes bytes on in both directions until one side ends.
  private func tunnel(to port: Int) {
    guard let other = LoopbackServer.connect(to: port) else { return }
    defer { close(other) }
    guard send("HTTP/1.1 200 Connection established\r\n\r\n") else { return }
    var ends = [descriptor, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while unsafe poll(&ends, 2, -1) > 0 {
      for (from, to) in [(0, 1), (1, 0)] where ends[from].revents != 0 {
        let piece = Self.receive(from: ends[from].fd)
        guard !piece.isEmpty, Self.send(piece, to: ends[to].fd) else { return }
      }
    }
  }

  /// Waits, and returns whether the connection was ended meanwhile.
  private func isEnded(within milliseconds: Int) -> Bool {
    var descriptor = pollfd(fd: descriptor, events: 0, revents: 0)
    return unsafe poll(&descriptor, 1, Int32(clamping: milliseconds)) != 0
  }
}
