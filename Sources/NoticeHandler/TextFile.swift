import Glibc
import SystemCalls

/// A small file of text, such as one that holds keys. A pipe will do.
enum TextFile {
  static let bytesMax = 65_536

  static func read(_ path: String) -> Result<String, FileError> {
    let system = LinuxSystemCalls()
    do throws(SystemCallError) {
      let descriptor = try system.open(path, O_RDONLY, mode: 0)
      defer { system.close(descriptor) }
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 4096)
      while bytes.count <= bytesMax {
        let count = unsafe Glibc.read(descriptor, &piece, piece.count)
        guard count >= 0 else { throw SystemCallError("read", path) }
        if count == 0 { return .success(String(decoding: bytes, as: UTF8.self)) }
        bytes += piece.prefix(count)
      }
      return .failure(.tooLarge)
    } catch {
      return .failure(.system(error))
    }
  }
}

/// Why a text file cannot be read.
enum FileError: Error, CustomStringConvertible {
  case tooLarge
  case system(SystemCallError)

  var description: String {
    switch self {
    case .tooLarge: "it has more than \(TextFile.bytesMax) bytes"
    case .system(let error): error.description
    }
  }
}
