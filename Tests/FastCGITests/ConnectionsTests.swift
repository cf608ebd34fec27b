import Glibc
import SystemCalls
import Testing

@testable import FastCGI

/// Which connections are ended that wait for their peer.
struct ConnectionsTests {
  private let connections: Connections
  private let connection: FastCGIConnection
  private let peer: Int32

  init() throws {
    var pair: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    peer = pair[1]
    connections = try Connections()
    connection = FastCGIConnection(pair[0], number: 7, LinuxSystemCalls()) { _, _ in }
    connections.add(connection)
  }

  /// Whether the connection is shut when all that have waited until now are ended.
  private func ends(_ kind: PeerWait.Kind) -> Bool {
    connection.wait.begin(kind)
    connections.end(PeerWait.Kind.allCases)
    return connection.isReadable && connection.wait.takeUp() == nil
  }

  private func over() {
    connections.end(connection)
    close(peer)
    #expect(connections[7] == nil && connections.count == 0)
  }

  @Test(arguments: [PeerWait.Kind.opening, .idle])
  func `one whose peer says nothing ends`(kind: PeerWait.Kind) {
    #expect(ends(kind))
    over()
  }

  @Test(arguments: [PeerWait.Kind.opening, .idle])
  func `one whose request has come is left to the workers`(kind: PeerWait.Kind) {
    let sent = unsafe write(peer, "x", 1)
    #expect(sent == 1)
    #expect(!ends(kind))
    over()
  }

  @Test func `one with room for its answer is left to the workers, one without ends`() {
    connection.wait.begin(.room)
    connections.end([.room])
    #expect(!connection.isReadable && connection.wait.current?.kind == .room)
    let bytes = [UInt8](repeating: 0, count: 65_536)
    while connection.isWritable {
      _ = unsafe send(connection.descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT))
    }
    #expect(ends(.room))
    over()
  }

  @Test func `of those that wait the one that has waited longest ends, if it is long enough`() {
    let before = LinuxSystemCalls().monotonicNanoseconds() - 1
    connection.wait.begin(.idle)
    connections.endLongest([.idle], since: before)
    connections.endLongest([.request], since: .max)
    #expect(connection.wait.current?.kind == .idle)
    connections.endLongest([.idle], since: .max)
    #expect(connection.wait.takeUp() == nil)
    over()
  }

  @Test func `there are none once the last has ended and no more are to come`() {
    connections.close()
    #expect(!connections.over.isOpen)
    over()
    #expect(connections.over.isOpen)
  }
}
