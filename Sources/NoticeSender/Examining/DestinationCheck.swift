import Destinations
import Glibc
import Spool

/// Whether a destination can be reached now. Nothing that counts as a message is sent, and nothing is made.
struct DestinationCheck {
  private let settings: DestinationSettings
  private let spool: String
  private let searchPath: String

  init(_ settings: DestinationSettings, spool: String, searchPath: String) {
    self.settings = settings
    self.spool = spool
    self.searchPath = searchPath
  }

  func finding() -> Finding {
    switch settings.kind {
    case .http(let http): connection(http)
    case .sqlite(let path): database(path)
    case .file(let file): files(file.directory)
    case .exec(let exec): command(exec.command)
    case .postgreSQL(let database): postgreSQL(database)
    case .kafka(let cluster): kafka(cluster)
    }
  }

  private func connection(_ http: HTTPSettings) -> Finding {
    do throws(HTTPSettingsError) {
      let authority = try HTTPDestination.authority(http)
      switch try HTTPDestination.tryConnection(http) {
      case .made(let peer): return .ok(settings.name, "\(peer) can be connected to")
      case .madeToProxy(let peer):
        return .ok(settings.name, "the proxy \(peer) can be connected to, for \(authority)")
      case .failed(let fault):
        return .failed(settings.name, fault, remedy: Self.remedy(fault, authority))
      }
    } catch {
      return .failed(settings.name, "\(error)", remedy: "correct the settings")
    }
  }

  /// What to do about a fault, by the words that ``HTTPDestination`` has for it.
  private static func remedy(_ fault: String, _ authority: String) -> String {
    if fault.contains("the proxy ") {
      return "correct http_proxy, https_proxy or all_proxy, or except the host in no_proxy"
    }
    if fault.hasPrefix("name") { return "correct the host in the URL, or this host's DNS" }
    if fault.hasPrefix("certificate"), fault.contains("expired") || fault.contains("not yet valid")
    {
      return "have the receiver's certificate renewed, or see whether this host's clock is right"
    }
    if fault.hasPrefix("certificate") {
      return "correct the host in the URL, or name the authority that signed with ca_file"
    }
    if fault.hasPrefix("CA file") || fault.hasPrefix("client certificate") {
      return "correct ca_file, client_certificate_file or client_key_file"
    }
    if fault.hasPrefix("TLS") { return "see whether \(authority) speaks TLS: http:// or https://?" }
    return "see whether \(authority) is up, and whether a firewall or proxy stands between"
  }

  private func database(_ path: String) -> Finding {
    guard PathAccess.exists(path) else { return willBeMade(path, "the database") }
    guard let fault = SQLiteDestination.accessFault(path: path) else {
      return .ok(settings.name, "\(path) can be written")
    }
    return .failed(
      settings.name, "\(path): \(fault)",
      remedy: fault.contains("not a database")
        ? "name another file, or move this one away"
        : "let the sender's user write the file and its directory, and nobody keep it locked")
  }

  private func files(_ directory: String) -> Finding {
    guard PathAccess.exists(directory) else { return willBeMade(directory, "the directory") }
    guard let fault = PathAccess.directoryFault(directory) else {
      return .ok(settings.name, "\(directory) can be written")
    }
    return .failed(
      settings.name, "\(directory): \(fault)",
      remedy: PathAccess.exists(directory + "/.") || PathAccess.parent(of: directory) == directory
        ? "let the sender's user write there" : "name a directory that the sender's user can write")
  }

  private func postgreSQL(_ database: PostgreSQLSettings) -> Finding {
    do throws(PostgreSQLSettingsError) {
      guard let fault = try PostgreSQLDestination.accessFault(database) else {
        return .ok(settings.name, "the table \(database.table) can be written")
      }
      return .failed(
        settings.name, fault,
        remedy: "see whether the server is up, lets this user in, and has the table")
    } catch {
      return .failed(settings.name, "\(error)", remedy: "correct the settings")
    }
  }

  private func kafka(_ cluster: KafkaSettings) -> Finding {
    do throws(KafkaSettingsError) {
      switch try KafkaDestination.access(cluster) {
      case .ready: return .ok(settings.name, "the cluster has the topic \(cluster.topic)")
      case .noTopic:
        return .warning(
          settings.name, "the cluster has no topic \(cluster.topic)",
          remedy: "make it, with the partitions and replicas that it is to have")
      case .fault(let fault):
        return .failed(
          settings.name, fault, remedy: "see whether the brokers are up and let this user in")
      }
    } catch {
      return .failed(settings.name, "\(error)", remedy: "correct the settings")
    }
  }

  private func willBeMade(_ path: String, _ what: String) -> Finding {
    let parent = PathAccess.parent(of: path)
    // The spool itself is looked at elsewhere.
    if parent == spool, !PathAccess.exists(spool) {
      return .ok(settings.name, "\(path) will be made")
    }
    guard let fault = PathAccess.directoryFault(parent) else {
      return .ok(settings.name, "\(path) will be made")
    }
    return .failed(
      settings.name, "\(what) \(path) cannot be made in \(parent): \(fault)",
      remedy: "make \(parent), writable for the sender's user")
  }

  private func command(_ command: ExecSettings.Command) -> Finding {
    let name = if case .program(let path, _) = command { path } else { "/bin/sh" }
    guard let program = PathAccess.program(name, searchPath: searchPath) else {
      return .failed(
        settings.name, "\(name) is no program that can be run",
        remedy: "write its whole path, and let the sender's user run it")
    }
    return .ok(settings.name, "\(program) can be run")
  }
}
