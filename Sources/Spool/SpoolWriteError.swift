package import SystemCalls

/// Why a record is not on the disk. Its sender must be told to come again. (Indirect: one word that is nil whenever all is
/// well, which is nearly always.)
package indirect enum SpoolWriteError: Error, CustomStringConvertible {
  /// The disk, the quota or the largest allowed file is full.
  case full(SystemCallError)
  case failed(SystemCallError)
  /// The spool is not this version's to write to.
  case laterFormat(SpoolFormat.Later)
  /// The lock was taken away again and again.
  case contended

  package init(_ error: SystemCallError) {
    self = error.isFull ? .full(error) : .failed(error)
  }

  package var isFull: Bool {
    if case .full = self { true } else { false }
  }

  /// What is wrong, and what to do about it.
  package var advised: String {
    switch self {
    case .full(let error): "no space left: \(error.advised)"
    case .failed(let error): error.advised
    case .laterFormat, .contended: description
    }
  }

  package var description: String {
    switch self {
    case .full(let error): "no space left: \(error)"
    case .failed(let error): "\(error)"
    case .laterFormat(let later): "\(later)"
    case .contended: "the spool's lock was lost to other processes again and again"
    }
  }
}
