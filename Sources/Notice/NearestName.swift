/// Of the right names, the one that a wrong one was probably meant to be.
package enum NearestName {
  /// "; did you mean 'method'?", or nothing where there is no right name.
  package static func hint(_ wrong: String, among names: [String]) -> String {
    let distances = names.map { distance(wrong.lowercased(), $0.lowercased()) }
    guard let nearest = zip(names, distances).min(by: { $0.1 < $1.1 }) else { return "" }
    return "; did you mean '\(nearest.0)'?"
  }

  /// How many letters have to be changed, left out or put in (Levenshtein).
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in right.enumerated() {
        let change = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(change, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
