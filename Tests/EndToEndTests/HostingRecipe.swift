import Foundation
import TestSupport

/// The web servers that the project has a recipe for, each with what was seen of it.
enum HostingRecipe: String, CaseIterable {
  case systemd = "nginx, the handler under systemd"
  case spawnFCGI = "nginx, the handler under spawn-fcgi"
  case apacheFCGID = "Apache with mod_fcgid"
  case apacheCGI = "Apache with plain CGI"
  case lighttpdCGI = "lighttpd with plain CGI"
  case lighttpdFastCGI = "lighttpd with FastCGI"
  case sharedSettings = "shared hosting, settings in .htaccess"
  case sharedCGI = "shared hosting, settings in notice.cgi"
  case sharedFCGI = "shared hosting, settings in notice.fcgi"

  /// Below which address the server calls the handler.
  var address: String {
    switch self {
    case .sharedSettings, .sharedCGI: "/~me/notice.cgi"
    case .sharedFCGI: "/~me/notice.fcgi"
    default: "/notice"
    }
  }

  /// Where the body is too large: 413 with a reason where the handler is asked, as it should be.
  var tooLarge: Int {
    // mod_fcgid's own limit, which nobody but the host can raise.
    self == .sharedFCGI ? 500 : 413
  }

  /// A file of the recipes, with this deployment's places in it instead of a machine's.
  static func text(_ file: String, placedIn path: String, key: String) throws -> String {
    var text = try String(contentsOfFile: "\(Programs.project)/nginx/\(file)", encoding: .utf8)
    for (old, new) in [
      ("/usr/local/bin", "\(path)/bin"), ("/etc/notice", "\(path)/etc"),
      ("/var/spool/notice", "\(path)/spool"), ("/run/notice", "\(path)/run"),
      ("/run/lighttpd", "\(path)/run"), ("/var/log/notice-handler.log", "\(path)/logs/handler.log"),
      ("/home/USER", "\(path)/home/me"), ("$HOME/notice-spool", "\(path)/home/me/notice-spool"),
      ("CHANGE-ME", key),
    ] {
      text = text.replacingOccurrences(of: old, with: new)
    }
    return text
  }

  /// The value of a systemd unit's only line `NAME=…`.
  static func value(_ name: String, in unit: String) throws -> String {
    let lines = unit.split(separator: "\n").filter { $0.hasPrefix("\(name)=") }
    guard lines.count == 1 else { throw TestFailure("\(lines.count) lines \(name)= in the unit") }
    return String(lines[0].dropFirst(name.count + 1))
  }
}
