/// What `--help` prints, made from the table of settings. The manual page is made from it (nginx/man.sh), so its parts are
/// those that the help of `notice-sender` has.
enum HelpText {
  static var text: String {
    """
    OVERVIEW: Takes the calls of a WeCom hosting platform and writes each notice to a spool.

    By FastCGI or CGI, to NDJSON files: it answers 200 when a notice is on the disk. A socket that
    the starter hands over (systemd, spawn-fcgi, mod_fcgid, lighttpd) is served without --listen.
    Started by a web server as a plain CGI program, it reads the variables only.

    USAGE: notice-handler --spool DIRECTORY [--listen ADDRESS] [options]

    OPTIONS:
    \(Setting.allCases.map(paragraph).joined())\
      --check
          Show the settings in force, prove that the spool can be written, and leave.
      --version
          Show the version.
      -h, --help
          Show this.

    EXIT STATUS:
      0    done: stopped by a signal, with everything in hand answered
      100  wrong use or settings: the same again changes nothing
      111  a failure that may pass

    SIGNALS:
      SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1
          Takes no new requests, answers those in hand, and leaves.

    ENVIRONMENT:
      NOTICE_SPOOL, …
          Each option has the variable named beside it; the option counts before the variable.
      LISTEN_PID, LISTEN_FDS
          Sockets that systemd hands over.
      GATEWAY_INTERFACE
          Set by a web server that starts it as a plain CGI program.

    FILES:
      segments/
          In the spool: records, one a line. The one being written is current.ndjson.
      quarantine/refused.ndjson
          Requests that were refused, and why.

    """
  }

  private static func paragraph(_ setting: Setting) -> String {
    let standard = setting.standard.map { " Default: \($0)." } ?? ""
    return """
        \(setting.option) \(setting.valueName)   (\(setting.variable))
            \(setting.help)\(standard)

      """
  }

  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

extension Setting {
  /// The value in force where none is given, as a person reads it.
  fileprivate var standard: String? {
    switch self {
    case .listen, .spool, .key, .keyFile, .token: nil
    default: HandlerSettings.standard.text(self)
    }
  }
}
