internal import Clock
public import Machine
internal import SQLite
public import Stores

extension RunJournal {
  /// Records what a run has measured of a store; passwords in the remedy are removed.
  public func record(_ figures: StoreFigures, of store: StoreName, in run: RunID)
    throws(JournalError)
  {
    try writeUnsynced { database in
      let recall = figures.recall
      try database.run(
        RunJournalQueries.noteResult,
        [
          .text(run.description), .text(store.user), .text(store.collection),
          .text(figures.remedy.map(withoutPasswords)), .text(figures.format),
          .integer(figures.bytes), .integer(figures.storedDimensions),
          .integer(figures.milliseconds), .real(recall?.full), .integer(recall?.neighbours),
          .integer(recall?.queries), .real(recall?.scoreChange), .real(recall?.cut),
          .real(recall?.added), .real(recall?.doubled), .real(recall?.ranked),
          .integer(recall.map { $0.keepsOriginals ? 1 : 0 }),
        ])
    }
  }

  /// Records figures of a whole run; a figure that has the name of an earlier one takes its place.
  ///
  /// Numbers that are not finite are left out; passwords in texts are removed.
  public func record(_ figures: [String: RunFigure], in run: RunID) throws(JournalError) {
    try writeUnsynced { database in
      for (name, figure) in figures.sorted(by: { $0.key < $1.key }) {
        let value: Value
        switch figure {
        case .number(let number) where number.isFinite: value = .real(number)
        case .number: continue
        case .text(let text): value = .text(withoutPasswords(text))
        }
        try database.run(
          "INSERT OR REPLACE INTO figures (run, name, value) VALUES (?1, ?2, ?3)",
          [.text(run.description), .text(name), value])
      }
    }
  }

  /// Reads what a run has measured of its stores; empty for runs of earlier versions.
  public func storeFigures(of run: RunID) throws(JournalError) -> [StoreName: StoreFigures] {
    try read { database in
      guard try JournalSchema.holdsFigures(database) else { return [:] }
      let rows = try database.rows(
        RunJournalQueries.results, [.text(run.description)], Self.readFigures)
      return Dictionary(uniqueKeysWithValues: rows)
    }
  }

  /// Reads the figures of a whole run; empty for runs of earlier versions.
  public func figures(of run: RunID) throws(JournalError) -> [String: RunFigure] {
    try read { database in
      guard try JournalSchema.holdsFigures(database) else { return [:] }
      let rows = try database.rows(
        "SELECT name, value FROM figures WHERE run = ?1", [.text(run.description)]
      ) { row in
        (
          try row.text(0),
          row.kind(1) == .text ? RunFigure.text(try row.text(1)) : .number(try row.real(1))
        )
      }
      return Dictionary(uniqueKeysWithValues: rows)
    }
  }

  /// Reads when the stores of a run were in a stage, in the order in which the stages began.
  public func spans(of stage: Stage, in run: RunID) throws(JournalError) -> [StageSpan] {
    try read { database in
      try database.rows(
        RunJournalQueries.stageSpans, [.text(run.description), .text(stage.rawValue)]
      ) { row in
        StageSpan(
          store: StoreName(user: try row.text(0), collection: try row.text(1)),
          startedAt: Timestamp(millisecondsSince1970: try row.integer(2)),
          milliseconds: try row.optionalInteger(3), documents: try row.optionalInteger(4),
          outcome: try Self.known(Outcome.self, row.text(5)))
      }
    }
  }

  private static func readFigures(_ row: borrowing Statement) throws -> (StoreName, StoreFigures) {
    var figures = StoreFigures(
      remedy: try row.optionalText(2), format: try row.optionalText(3),
      bytes: try row.optionalInteger(4), storedDimensions: try row.optionalInteger(5),
      milliseconds: try row.optionalInteger(6))
    if !row.isNull(7) {
      figures.recall = RecordedRecall(
        full: try row.real(7), neighbours: try row.optionalInteger(8) ?? 0,
        queries: try row.optionalInteger(9) ?? 0, scoreChange: try row.real(10),
        cut: try number(row, 11), added: try number(row, 12), doubled: try number(row, 13),
        ranked: try number(row, 14), keepsOriginals: try row.optionalInteger(15) == 1)
    }
    return (StoreName(user: try row.text(0), collection: try row.text(1)), figures)
  }

  private static func number(_ row: borrowing Statement, _ column: Int) throws -> Double? {
    row.isNull(column) ? nil : try row.real(column)
  }
}

extension Value {
  /// Creates a number, or NULL for nil.
  fileprivate static func real(_ value: Double?) -> Value { value.map { .real($0) } ?? .null }
}
