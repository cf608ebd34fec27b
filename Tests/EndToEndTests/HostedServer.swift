import Foundation
import TestSupport

/// A web server with one of the project's recipes, in a directory and on a port of its own, run by an ordinary user.
final class HostedServer {
  static let key = "k3y-of-the-test"

  let recipe: HostingRecipe
  let deployment: Deployment
  private var processes: [ChildProcess] = []
  private var stopScript: [String]?

  var path: String { deployment.path }
  var home: String { "\(path)/home/me" }
  var port: Int { deployment.port }

  /// Where this host's spool is.
  var spool: String {
    switch recipe {
    case .sharedSettings, .sharedCGI, .sharedFCGI: "\(home)/notice-spool"
    default: deployment.spool
    }
  }

  /// `edit` changes the recipe before it is put in place.
  init(_ recipe: HostingRecipe, edit: (String) -> String = { $0 }) throws {
    self.recipe = recipe
    deployment = try Deployment(keys: [Self.key])
    for name in ["bin", "etc", "www", "home/me/public_html", "home/me/bin"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
    try Programs.install(Programs.handler, at: "\(path)/bin/notice-handler")
    try "\(Self.key)\n".write(toFile: "\(path)/etc/keys", atomically: true, encoding: .utf8)
    switch recipe {
    case .systemd: try startUnits(edit)
    case .spawnFCGI: try startScript(edit)
    case .apacheCGI: try startApache("apache-cgi/notice.conf", edit)
    case .apacheFCGID: try startApache("apache-fcgid/notice.conf", edit)
    case .lighttpdCGI: try startLighttpd("lighttpd-cgi/notice.conf", edit)
    case .lighttpdFastCGI: try startLighttpd("lighttpd-fastcgi/notice.conf", edit)
    case .sharedSettings, .sharedCGI, .sharedFCGI: try startSharedHost(edit)
    }
  }

  deinit { stop() }

  /// Ends the server as its user would, by its process id.
  func stop() {
    deployment.nginx?.stop(SIGQUIT)
    if let stopScript { _ = try? Programs.run(stopScript[0], Array(stopScript.dropFirst())) }
    stopScript = nil
    for process in processes { process.stop(SIGTERM) }
    processes = []
  }

  /// The command lines of the processes that name this deployment.
  var running: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.filter { Int($0) != nil }.compactMap { name in
      guard let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
        return nil
      }
      let line = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
      return line.contains(path) ? line : nil
    }
  }

  // MARK: nginx

  /// What systemd does with the two units: it opens the socket at the first call, keeps it, and starts the handler
  /// again whenever it ends.
  private func startUnits(_ edit: (String) -> String) throws {
    let socket = try edit(text("systemd/notice-handler.socket"))
    let service = try edit(text("systemd/notice-handler.service"))
    let address = try HostingRecipe.value("ListenStream", in: socket)
    let keeper = """
      trap 'kill $(cat \(path)/run/pid); exit 0' TERM
      while :; do
        /bin/sh -c 'echo $$ >\(path)/run/pid; LISTEN_PID=$$; export LISTEN_PID
          exec \(try HostingRecipe.value("ExecStart", in: service))' & wait $!
      done
      """
    try Unprivileged.own(path)
    try start([
      try Programs.tool("systemd-socket-activate"), "-l", address, "--", "/bin/sh", "-c", keeper,
    ]) { deployment.answers(address) }
    try deployment.startNginx()
  }

  /// The process id of the handler that runs under the units, once it is another than `before`.
  func handlerIdentifier(otherThan before: Int32? = nil) throws -> Int32 {
    var identifier: Int32?
    try eventually("a handler has started") {
      let text = try? String(contentsOfFile: "\(path)/run/pid", encoding: .utf8)
      identifier = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
      return identifier != nil && identifier != before
    }
    return identifier ?? 0
  }

  private func startScript(_ edit: (String) -> String) throws {
    let script = "\(path)/etc/init"
    try edit(text("spawn-fcgi/notice-handler"))
      .write(toFile: script, atomically: true, encoding: .utf8)
    try Unprivileged.own(path)
    stopScript = try Unprivileged.command(["/bin/sh", script, "stop"])
    let start = try Unprivileged.command(["/bin/sh", script, "start"])
    let result = try Programs.run(start[0], Array(start.dropFirst()))
    guard result.status == 0 else { throw TestFailure("\(script) start: \(result.output)") }
    try eventually("the handler serves") { deployment.answers("\(path)/run/handler.sock") }
    try deployment.startNginx()
  }

  // MARK: Apache

  private func startApache(_ file: String, _ edit: (String) -> String) throws {
    try edit(text(file)).write(
      toFile: "\(path)/etc/recipe.conf", atomically: true, encoding: .utf8)
    try startApache(including: "Include \(path)/etc/recipe.conf")
  }

  /// A host as its owner has set it up: users' pages, and CGI for files that users say are programs.
  private func startSharedHost(_ edit: (String) -> String) throws {
    let pages = "\(home)/public_html"
    let settings = try edit(text("shared-hosting/htaccess"))
    let script = try text("shared-hosting/notice.cgi")
    switch recipe {
    case .sharedSettings:
      try Programs.install(Programs.handler, at: "\(pages)/notice.cgi")
      try Self.uncommented(settings).write(
        toFile: "\(pages)/.htaccess", atomically: true, encoding: .utf8)
    default:
      let name = recipe == .sharedFCGI ? "notice.fcgi" : "notice.cgi"
      let handler = recipe == .sharedFCGI ? "fcgid-script .fcgi" : "cgi-script .cgi"
      try Programs.install(Programs.handler, at: "\(home)/bin/notice-handler")
      try script.write(toFile: "\(path)/etc/script", atomically: true, encoding: .utf8)
      try Programs.install("\(path)/etc/script", at: "\(pages)/\(name)", mode: "700")
      try "Options +ExecCGI\nAddHandler \(handler)\n".write(
        toFile: "\(pages)/.htaccess", atomically: true, encoding: .utf8)
    }
    try startApache(
      including: """
        UserDir \(path)/home/*/public_html
        <Directory "\(path)/home/*/public_html">
          AllowOverride All
          Require all granted
        </Directory>
        """)
  }

  /// With the lines in force that a recipe leaves to hosts that need them.
  private static func uncommented(_ settings: String) -> String {
    settings.replacingOccurrences(of: "#   Options", with: "Options")
      .replacingOccurrences(of: "#   AddHandler", with: "AddHandler")
  }

  /// Debian's defaults, as far as they matter here: nothing is allowed that is not said.
  private func startApache(including: String) throws {
    let modules = [
      "mpm_event", "authz_core", "alias", "env", "mime", "userdir", "cgid", "fcgid",
    ]
    let loading = modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
    try """
    ServerRoot \(path)/www
    DefaultRuntimeDir \(path)/run
    ServerName localhost
    Listen 127.0.0.1:\(port)
    PidFile \(path)/run/apache.pid
    Mutex file:\(path)/run
    ErrorLog \(path)/logs/error.log
    \(loading.joined(separator: "\n"))
    TypesConfig /dev/null
    ScriptSock \(path)/run/cgid.sock
    FcgidIPCDir \(path)/run/fcgid
    FcgidProcessTableFile \(path)/run/fcgid.table
    DocumentRoot \(path)/www
    <Directory />
      AllowOverride None
      Require all denied
    </Directory>
    <FilesMatch "^\\.ht">
      Require all denied
    </FilesMatch>
    \(including)

    """.write(toFile: "\(path)/etc/apache.conf", atomically: true, encoding: .utf8)
    try Unprivileged.own(path)
    try start([
      try Programs.tool("apache2"), "-d", "\(path)/www", "-f", "\(path)/etc/apache.conf",
      "-DFOREGROUND",
    ]) { isServing }
  }

  // MARK: lighttpd

  private func startLighttpd(_ file: String, _ edit: (String) -> String) throws {
    try edit(text(file)).write(
      toFile: "\(path)/etc/recipe.conf", atomically: true, encoding: .utf8)
    try """
    server.document-root = "\(path)/www"
    server.bind = "127.0.0.1"
    server.port = \(port)
    server.errorlog = "\(path)/logs/error.log"
    server.upload-dirs = ( "\(path)/run" )
    server.modules = ( "mod_accesslog" )
    accesslog.filename = "\(path)/logs/access.log"
    include "\(path)/etc/recipe.conf"

    """.write(toFile: "\(path)/etc/lighttpd.conf", atomically: true, encoding: .utf8)
    try Unprivileged.own(path)
    try start([try Programs.tool("lighttpd"), "-D", "-f", "\(path)/etc/lighttpd.conf"]) {
      isServing
    }
  }

  // MARK: Parts

  private func text(_ file: String) throws -> String {
    try HostingRecipe.text(file, placedIn: path, key: Self.key)
  }

  private var isServing: Bool {
    (try? HTTPClient(port: port).send("GET", "/nowhere").status) != nil
  }

  private func start(_ command: [String], isReady: () -> Bool) throws {
    let command = try Unprivileged.command(command)
    let process = try ChildProcess(
      command[0], Array(command.dropFirst()), log: "\(path)/logs/server.log")
    processes.append(process)
    try eventually("\(recipe.rawValue) serves") {
      guard process.isRunning else { throw TestFailure("the server ended: \(process.log)") }
      return isReady()
    }
  }
}
