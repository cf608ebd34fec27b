#if Kafka
  import Glibc

  /// One connection to a broker that wants SASL's PLAIN first, which librdkafka's mock knows nothing of: requests go on to the
  /// mock one by one once the password was right. Where the mock tells its own address, the client is told the one that
  /// it shall come back by.
  ///
  /// (kafka.apache.org/protocol: a frame is its length in four bytes; a request begins with its kind, version and number, an
  /// answer with the number.)
  struct KafkaAuthentication {
    let user: String
    let password: String
    /// The broker's port of 127.0.0.1, and the one of localhost to tell clients.
    let brokerPort: Int
    let shownPort: Int

    private enum Kind {
      static let metadata = 3
      static let apiVersions = 18
      static let saslHandshake = 17
      static let saslAuthenticate = 36
    }

    func serve(_ client: Int32) {
      guard let broker = LoopbackServer.connect(to: brokerPort) else { return }
      defer { close(broker) }
      var isAuthenticated = false
      while let request = Self.frame(from: client), request.count > 10 {
        let number = request[4..<8]
        let answer: [UInt8]?
        switch Self.integer(request[0..<2]) {
        case Kind.apiVersions where Self.integer(request[2..<4]) > 0:
          // UNSUPPORTED_VERSION: the client asks once more, with version 0.
          answer = number + [0, 35, 0, 0, 0, 0]
        case Kind.apiVersions:
          answer = forward(request, to: broker).map(Self.withAuthentication)
        case Kind.saslHandshake:
          answer = number + [0, 0, 0, 0, 0, 1, 0, 5] + Array("PLAIN".utf8)
        case Kind.saslAuthenticate:
          isAuthenticated = request.suffix(expected.count).elementsEqual(expected)
          answer = number + (isAuthenticated ? Self.accepted : Self.rejected)
        case Kind.metadata where isAuthenticated:
          answer = forward(request, to: broker).map(withShownAddress)
        case _ where isAuthenticated: answer = forward(request, to: broker)
        default: answer = nil
        }
        guard let answer, Self.send(answer, to: client) else { return }
      }
    }

    /// RFC 4616, behind its length.
    private var expected: [UInt8] {
      let message = Array("\0\(user)\0\(password)".utf8)
      return Self.bytes(message.count) + message
    }

    /// No error, no message, no bytes.
    private static let accepted: [UInt8] = [0, 0, 0xFF, 0xFF, 0, 0, 0, 0]
    /// SASL_AUTHENTICATION_FAILED, and Kafka's own words.
    private static let rejected: [UInt8] = {
      let words = Array("Authentication failed: Invalid username or password".utf8)
      return [0, 58, 0, UInt8(words.count)] + words + [0, 0, 0, 0]
    }()

    /// The mock's kinds of requests, and in front of them the two that are answered here.
    private static func withAuthentication(_ answer: [UInt8]) -> [UInt8] {
      answer[..<6] + bytes(integer(answer[6..<10]) + 2)
        + [0, UInt8(Kind.saslHandshake), 0, 0, 0, 1, 0, UInt8(Kind.saslAuthenticate), 0, 0, 0, 0]
        + answer[10...]
    }

    /// Both names have nine letters, so nothing else changes.
    private func withShownAddress(_ answer: [UInt8]) -> [UInt8] {
      answer.replacing(
        Array("127.0.0.1".utf8) + Self.bytes(brokerPort),
        with: Array("localhost".utf8) + Self.bytes(shownPort))
    }

    // MARK: Frames

    private func forward(_ request: [UInt8], to broker: Int32) -> [UInt8]? {
      Self.send(request, to: broker) ? Self.frame(from: broker) : nil
    }

    private static func frame(from descriptor: Int32) -> [UInt8]? {
      read(4, from: descriptor).flatMap { read(integer($0[...]), from: descriptor) }
    }

    private static func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
      var bytes = [UInt8](repeating: 0, count: count)
      let received = unsafe bytes.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, count, Int32(MSG_WAITALL))
      }
      return received == count ? bytes : nil
    }

    private static func send(_ frame: [UInt8], to descriptor: Int32) -> Bool {
      let bytes = bytes(frame.count) + frame
      var sent = 0
      while sent < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
          unsafe Glibc.send(
            descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
      bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    private static func bytes(_ number: Int) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
  }
#endif
