/// What is fuzzed. Each target takes any bytes, puts them through the code that meets bytes from elsewhere, and tells what
/// it promises and did not keep; a trap of the code under test is a finding by itself.
///
/// The suite gives every target its corpus (`Tests/Fuzzing/Corpus`), `Tests/fuzz.sh` gives it to libFuzzer to begin with.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// A body, against a second scanner that is as simple as can be.
  case json
  /// A line of a segment, and all that is read from it; a record made of any request and body.
  case record
  /// A line of dead letters and of what is requeued.
  case letter
  /// Parameters of a FastCGI or CGI request, and its body as it comes in pieces.
  case request
  /// An answer's `Retry-After`.
  case retryAfter = "retry-after"
  /// The files in `state/`.
  case state
  /// The settings file of a sender.
  case settings
  /// A compressed segment.
  case gzip
  /// A file that nginx rescued.
  case rescue

  /// The promise that `input` breaks, in words; nil: none.
  package func fault(_ input: [UInt8]) -> String? {
    do {
      switch self {
      case .json: try JSONFuzz.run(input)
      case .record: try RecordFuzz.run(input)
      case .letter: try LetterFuzz.run(input)
      case .request: try RequestFuzz.run(input)
      case .retryAfter: try RetryAfterFuzz.run(input)
      case .state: try StateFuzz.run(input)
      case .settings: try SettingsFuzz.run(input)
      case .gzip: try GzipFuzz.run(input)
      case .rescue: try RescueFuzz.run(input)
      }
      return nil
    } catch let fault as FuzzFault {
      return fault.description
    } catch {
      return "an error that nobody expected: \(error)"
    }
  }
}

/// A promise that was not kept.
struct FuzzFault: Error {
  let description: String
}

func expect(_ condition: Bool, _ promise: @autoclosure () -> String) throws(FuzzFault) {
  if !condition { throw FuzzFault(description: promise()) }
}
