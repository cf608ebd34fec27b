import FastCGI
import SystemCalls

/// How the program was started, found out before anything else.
enum Start: Equatable {
  /// One request, in the environment and on descriptors 0 and 1.
  case script
  /// FastCGI on a socket that the starter has opened: systemd, spawn-fcgi, mod_fcgid, lighttpd.
  case socket(descriptor: Int32)
  /// By hand or by a service manager: the settings say where to listen.
  case command

  /// sd_listen_fds(3).
  private static let firstPassedDescriptor: Int32 = 3

  init(
    environment: (String) -> String?, processIdentifier: Int32,
    isListening: (Int32) -> Bool = Listener.isListening
  ) {
    if let addressee = environment("LISTEN_PID"), addressee == String(processIdentifier),
      let count = environment("LISTEN_FDS").flatMap({ Int($0) }), count > 0
    {
      self = .socket(descriptor: Self.firstPassedDescriptor)
    } else if isListening(0) {
      self = .socket(descriptor: 0)
    } else if environment("GATEWAY_INTERFACE") != nil {
      self = .script
    } else {
      self = .command
    }
  }
}
