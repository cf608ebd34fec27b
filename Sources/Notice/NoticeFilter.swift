/// Which records a destination gets: those that fit one of `only`, or all where that is empty, without those that
/// fit one of `except`. Pure: the same record always gets the same answer.
package struct NoticeFilter: Sendable, Equatable {
  package var only: [NoticePattern]
  package var except: [NoticePattern]

  package init(only: [NoticePattern] = [], except: [NoticePattern] = []) {
    self.only = only
    self.except = except
  }

  package func wants(_ record: NoticeRecord) -> Bool {
    (only.isEmpty || only.contains { $0.fits(record) }) && !except.contains { $0.fits(record) }
  }
}

/// Conditions that a record fits when it meets every one of them.
package struct NoticePattern: Sendable, Equatable {
  private struct Condition: Sendable, Equatable {
    let field: NoticeFilterField
    /// As records spell them.
    var values: Set<String>
  }

  private var conditions: [Condition] = []

  package init() {}

  /// From then on `field` must have one of `values`, each as a person writes it: "text", "7", "true".
  package mutating func require(
    _ field: NoticeFilterField, oneOf values: [String]
  ) throws(NoticeFilterError) {
    var condition = Condition(field: field, values: [])
    for value in values {
      guard let spellings = field.spellings(of: value) else {
        throw NoticeFilterError(value: value, names: field.names)
      }
      condition.values.formUnion(spellings)
    }
    conditions.append(condition)
  }

  package func fits(_ record: NoticeRecord) -> Bool {
    conditions.allSatisfy { condition in
      condition.field.value(of: record).map(condition.values.contains) ?? false
    }
  }
}

/// A value that its field can never have; `names` are those that it can have.
package struct NoticeFilterError: Error, Equatable {
  package let value: String
  package let names: [String]
}
