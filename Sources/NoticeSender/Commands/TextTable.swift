import Notice

/// Rows in columns, for a person: as wide as they need to be, numbers to the right.
struct TextTable {
  private var rows: [[String]]
  private let isNumber: [Bool]

  init(_ columns: [(title: String, isNumber: Bool)]) {
    rows = [columns.map(\.title)]
    isNumber = columns.map(\.isNumber)
  }

  mutating func add(_ row: [String]) { rows.append(row.map(OneLine.shown)) }

  var text: String {
    let widths = isNumber.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumber[column] ? space + row[column] : row[column] + space
      }
      let line = cells.joined(separator: "  ")
      return line.reversed().drop { $0 == " " }.reversed().map(String.init).joined() + "\n"
    }.joined()
  }
}
