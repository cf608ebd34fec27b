import Glibc
import SystemCalls

/// A small file of text that settings are in, or that they name.
enum TextFile {
  /// More than any settings or certificate ever has; an endless device is not read to its end.
  private static let bytesMax = 1 << 20

  /// The whole content. An error says "unable to read PATH: " and why.
  static func read(_ path: String) throws(SettingsError) -> String {
    let system = LinuxSystemCalls()
    var bytes: [UInt8] = []
    do throws(SystemCallError) {
      let descriptor = try system.open(path, O_RDONLY, mode: 0)
      defer { system.close(descriptor) }
      while bytes.count <= bytesMax,
        try system.pread(descriptor, appendingTo: &bytes, count: 64 << 10, at: bytes.count) > 0
      {}
    } catch {
      let reason = unsafe String(cString: strerror(error.errno))
      let remedy =
        switch error.errno {
        case EACCES, EPERM: ": let the sender's user read it"
        case ENOENT, ENOTDIR, EISDIR: ": correct the path"
        default: ""
        }
      throw SettingsError("unable to read \(path): \(reason)\(remedy)")
    }
    guard bytes.count <= bytesMax else {
      throw SettingsError("unable to read \(path): it has more than \(bytesMax) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SettingsError("unable to read \(path): it is not UTF-8")
    }
    return text
  }

  /// The content without the line end that every editor leaves: a secret kept apart from the settings.
  static func readSecret(_ path: String) throws(SettingsError) -> String {
    let text = try read(path)
    let secret = text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
    guard !secret.isEmpty else { throw SettingsError("\(path) is empty: write the secret into it") }
    return secret
  }
}
