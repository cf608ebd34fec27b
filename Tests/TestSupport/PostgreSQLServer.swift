import Foundation

/// A PostgreSQL server of a test's own, from the system's packages, on a Unix socket in a directory of its own; with TLS on
/// a port of loopback as well, where that is asked for.
///
/// PostgreSQL refuses to run as root. Where a test is, the server runs as `nobody`, with the one capability that lets it
/// through the directories above its own.
package final class PostgreSQLServer {
  private let temporary: TemporaryDirectory
  private let settings: [String]
  private let tlsPort: Int?
  private let smallDiskMegabytes: Int?
  private var process: ChildProcess?

  package var path: String { temporary.path }
  /// The directory of a small file system, where the server was given one.
  package var smallDisk: String { "\(path)/server/small" }
  /// The connection string of the database `postgres`.
  package var connection: String { "host=\(path)/server user=notice dbname=postgres" }
  /// Who signed the server's certificate for `localhost`.
  package var authority: String { "\(path)/authority.pem" }

  /// `settings`: as in postgresql.conf. `smallDiskMegabytes`: of a file system, seen by the server only, for a tablespace.
  package init(
    settings: [String] = [], smallDiskMegabytes: Int? = nil, withTLS: Bool = false
  ) throws {
    temporary = try TemporaryDirectory()
    tlsPort = withTLS ? try freePort() : nil
    if let tlsPort {
      try Certificates.makeSigned(days: 2, in: temporary)
      let path = temporary.path
      self.settings =
        settings + [
          "listen_addresses=127.0.0.1", "port=\(tlsPort)", "ssl=on",
          "ssl_cert_file=\(path)/server.pem", "ssl_key_file=\(path)/server.key",
        ]
    } else {
      self.settings = settings
    }
    self.smallDiskMegabytes = smallDiskMegabytes
    try FileManager.default.createDirectory(
      atPath: smallDisk, withIntermediateDirectories: true)
    try run(["chown", "-R", Self.isRoot ? "nobody" : "\(geteuid())", "\(path)/server"])
    try run(
      Self.user + [
        try Self.program("initdb"), "-D", "\(path)/server/data", "-U", "notice", "-A", "trust",
        "-E", "UTF8", "--locale=C", "--no-sync",
      ])
    try start()
  }

  package func start() throws {
    var command =
      Self.user + [
        try Self.program("postgres"), "-D", "\(path)/server/data", "-k", "\(path)/server",
        "-c", "listen_addresses=",
      ] + settings.flatMap { ["-c", $0] }
    if let smallDiskMegabytes {
      // A mount namespace of the server's own, that goes with it.
      command =
        ["unshare"] + (Self.isRoot ? ["-m"] : ["-Um", "--map-current-user", "--keep-caps"])
        + [
          "sh", "-c",
          "mount -t tmpfs -o size=\(smallDiskMegabytes)m,uid=$(id -u \(Self.isRoot ? "nobody" : "")) "
            + "none '\(smallDisk)' && exec \"$@\"",
          "sh",
        ] + command
    }
    let process = try ChildProcess("/usr/bin/env", command, log: "\(path)/postgres.log")
    try eventually("PostgreSQL accepts connections: \(process.log.suffix(2000))") {
      guard process.isRunning else {
        throw TestFailure("PostgreSQL ended: \(process.log.suffix(2000))")
      }
      return (try? query("SELECT 1")) == ["1"]
    }
    self.process = process
  }

  /// A user who has to give a password, by the connection string that this returns.
  package func addUser(_ name: String, password: String) throws -> String {
    try query(
      "SET password_encryption = 'scram-sha-256'; CREATE ROLE \(name) LOGIN PASSWORD '\(password)'")
    let path = "\(path)/server/data/pg_hba.conf"
    let rules = try String(contentsOfFile: path, encoding: .utf8)
    let network = "hostssl all \(name) all scram-sha-256\nhostnossl all \(name) all reject\n"
    try "local all \(name) scram-sha-256\n\(tlsPort == nil ? "" : network)\(rules)"
      .write(toFile: path, atomically: false, encoding: .utf8)
    try query("GRANT CREATE ON SCHEMA public TO \(name); SELECT pg_reload_conf()")
    return "host=\(self.path)/server user=\(name) dbname=postgres"
  }

  /// The URL for a user of ``addUser(_:password:)``, over TLS; `query` is libpq's parameters.
  package func url(_ user: String, host: String = "localhost", query: String) throws -> String {
    guard let tlsPort else { throw TestFailure("the server was started without TLS") }
    return "postgres://\(user)@\(host):\(tlsPort)/postgres?\(query)"
  }

  /// Ends the server and all its processes at once, as a power cut would.
  package func kill() {
    guard let process else { return }
    // Its processes have groups of their own, and there are to be no more of them.
    process.signal(SIGSTOP)
    let children = children(of: process)
    process.stop(SIGKILL)
    for child in children { Foundation.kill(child, SIGKILL) }
    // One that waits for the disk holds on to the memory that the next server looks for.
    try? eventually("they have ended") { !children.contains(where: isAtWork) }
    self.process = nil
  }

  deinit { kill() }

  /// Stops all of its processes, so that it is there and does not answer.
  package func freeze(_ isFrozen: Bool) {
    guard let process else { return }
    for identifier in [process.identifier] + children(of: process) {
      Foundation.kill(identifier, isFrozen ? SIGSTOP : SIGCONT)
    }
  }

  private func children(of process: ChildProcess) -> [Int32] {
    let identifier = process.identifier
    let path = "/proc/\(identifier)/task/\(identifier)/children"
    let list = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return list.split(separator: " ").compactMap { Int32($0) }
  }

  /// Whether the process is there, and not only as what nobody has asked for yet.
  private func isAtWork(_ identifier: Int32) -> Bool {
    let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
    // "42 (postgres) S 1 …"
    guard let state = text?.split(separator: ")").last?.dropFirst().first else { return false }
    return !"ZX".contains(state)
  }

  /// Runs SQL by psql; the rows, their columns separated by `|`.
  @discardableResult
  package func query(_ sql: String, database: String = "postgres") throws -> [String] {
    try run(
      [
        try Self.program("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1",
        "-h", "\(path)/server", "-p", "\(tlsPort ?? 5432)", "-U", "notice", "-d", database, "-c",
        sql,
      ]
    ).split(separator: "\n").map(String.init)
  }

  @discardableResult
  private func run(_ command: [String]) throws -> String {
    let log = "\(path)/command-\(UUID().uuidString)"
    let process = try ChildProcess("/usr/bin/env", command, log: log)
    let status = process.wait()
    defer { try? FileManager.default.removeItem(atPath: log) }
    guard status == 0 else { throw TestFailure("\(command): \(process.log)") }
    return process.log
  }

  private static let isRoot = geteuid() == 0

  private static let user =
    isRoot
    ? [
      "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
      "--inh-caps=+dac_override", "--ambient-caps=+dac_override",
    ] : []

  /// Debian keeps the server's programs by version; the latest is taken.
  private static func program(_ name: String) throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let paths = versions.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
      .map { "\(root)/\($0)/bin/\(name)" }
    guard let path = paths.last(where: FileManager.default.isExecutableFile) else {
      throw TestFailure("\(name) is not installed; Tests/run.sh installs what is missing")
    }
    return path
  }
}
