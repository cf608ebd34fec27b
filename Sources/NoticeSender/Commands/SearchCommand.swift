import ArgumentParser
import Glibc
import JSONText
import Logging
import Notice
import Spool
import SystemCalls

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find messages in the spool, its archive and the dead letters.",
    discussion: """
      Everything given must fit. A line for each record: local time, id, type, who (where): what; with --json the \
      record as it stands in the spool. Leaves with 1 when nothing was found.
      """)

  @OptionGroup var options: SpoolOptions
  @OptionGroup var selection: SelectionOptions
  @Flag(help: "Only what a destination gave up.") var dead = false
  @Flag(help: "The records themselves, one JSON object a line.") var json = false
  @Flag(help: "Go on with what comes in, until Ctrl-C.") var follow = false

  private static let followNanoseconds: Int64 = 300_000_000

  func run() throws {
    let directory = try options.directory()
    let system = LinuxSystemCalls()
    let search = RecordSearch(selection: try selection.selection(), isOfDead: dead)
    var count = 0
    let show = { (hit: RecordSearch.Hit) in
      count += 1
      print(
        json
          ? String(decoding: JSONString.escapingControls(hit.record.line), as: UTF8.self)
          : RecordLine(hit, localTime: LocalTime.text).text)
    }
    var damaged: [String] = []
    let end = try search.run(directory, system, damaged: { damaged.append($0) }, show)
    let log = Logger(label: "notice-sender") { OneLineLog(label: $0) }
    for fault in damaged { log.warning("not searched to its end: \(fault)") }
    fflush(nil)
    if follow {
      var reader = SpoolReader(directory, from: end, system)
      while true {
        try search.run(&reader, show)
        fflush(nil)
        system.sleep(nanoseconds: Self.followNanoseconds)
      }
    }
    if count == 0 { throw ExitCode(1) }
  }
}
