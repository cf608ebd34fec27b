/// What `--help` prints, made from the table of settings.
enum HelpText {
  static var text: String {
    """
    notice-handler takes the calls of a WeCom hosting platform by FastCGI or CGI, writes each notice
    to a spool of NDJSON files, and answers 200 when it is on the disk.

    usage: notice-handler --spool DIRECTORY [--listen ADDRESS] [options]

    \(Setting.allCases.map(paragraph).joined())\
      --check
          Show the settings in force, prove that the spool can be written, and leave.
      --version, --help

    A socket that the starter hands over (systemd, spawn-fcgi, mod_fcgid, lighttpd) is served without
    --listen. Started by a web server as a plain CGI program, it reads the variables only.

    exit status: 0 done, 100 wrong use or settings, 111 a failure that may pass

    """
  }

  private static func paragraph(_ setting: Setting) -> String {
    let standard = setting.standard.map { " Default: \($0)." } ?? ""
    return """
        \(setting.option) \(setting.placeholder)   (\(setting.variable))
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
