import Foundation

/// The README as its reader has it: what it says to type, taken out of its own text, so that a recipe that is changed there is
/// the one that is tried.
package struct Readme {
  /// The package's own directory.
  package static let directory = URL(fileURLWithPath: Samples.directory)
    .deletingLastPathComponent().deletingLastPathComponent().path

  private let lines: [String]

  package init() throws {
    lines = try String(contentsOfFile: "\(Self.directory)/README.md", encoding: .utf8)
      .components(separatedBy: "\n")
  }

  /// The blocks fenced as `language` below `## title`, the first at first, without the fence's indentation.
  package func blocks(_ language: String, under title: String) throws -> [String] {
    var blocks: [[String]] = []
    var indentation: Int?
    for line in try section(title) {
      let text = line.drop { $0 == " " }
      if let indent = indentation {
        if text == "```" {
          indentation = nil
        } else {
          blocks[blocks.count - 1].append(String(line.dropFirst(indent)))
        }
      } else if text == "```\(language)" {
        indentation = line.count - text.count
        blocks.append([])
      }
    }
    guard !blocks.isEmpty else {
      throw TestFailure("the README has no block of \(language) under '\(title)'")
    }
    return blocks.map { $0.joined(separator: "\n") + "\n" }
  }

  /// The lines of all blocks of shell commands below `## title`.
  package func commands(under title: String) throws -> [String] {
    try blocks("sh", under: title).flatMap { $0.split(separator: "\n").map(String.init) }
  }

  /// The only one of them that begins with `start`.
  package func command(_ start: String, under title: String) throws -> String {
    let found = try commands(under: title).filter { $0.hasPrefix(start) }
    guard found.count == 1 else {
      throw TestFailure("the README has \(found.count) commands '\(start)…' under '\(title)'")
    }
    return found[0]
  }

  /// The pieces of code in the running text below `## title`.
  package func codeSpans(under title: String) throws -> [String] {
    try section(title).flatMap { line in
      line.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
  }

  private func section(_ title: String) throws -> ArraySlice<String> {
    guard let start = lines.firstIndex(of: "## \(title)") else {
      throw TestFailure("the README has no section '\(title)'")
    }
    let rest = lines[(start + 1)...]
    return rest.prefix { !$0.hasPrefix("## ") }
  }
}
