internal import Postgres

/// The positions of all sequences at one moment, because a rollback does not undo `setval`.
struct SequencePositions {
  private struct Position: Equatable {
    let last: Int?
    let step: Int
  }

  private var positions: [String: Position] = [:]

  /// Reads the positions of all sequences; returns no positions where the server refuses.
  static func read(_ connection: Connection) throws(PostgresError) -> SequencePositions {
    var found = SequencePositions()
    do {
      let rows = try connection.query(
        """
        SELECT format('%I.%I', schemaname, sequencename), last_value, increment_by
        FROM pg_sequences WHERE schemaname !~ '^pg_'
        """)
      for row in 0..<rows.rowCount {
        found.positions[try rows.value(row, 0)] = Position(
          last: try rows.optional(row, 1), step: try rows.value(row, 2))
      }
    } catch {
      guard error.serverError != nil else { throw error }
    }
    return found
  }

  /// Finds the sequences that would now give numbers a second time.
  ///
  /// - Returns: the loss of each such sequence, with the number that the sequence gives next.
  func losses(of sequences: [(was: CatalogObject, isCalled: String)], on connection: Connection)
    throws(PostgresError) -> [(loss: Loss, next: Int)]
  {
    var found: [(Loss, Int)] = []
    for sequence in sequences {
      // Without the right to read the sequence, the query would end the transaction.
      let mayRead: Bool? = try connection.scalar(
        "SELECT has_sequence_privilege(\(sequence.was.key.object)::bigint::oid, 'SELECT')")
      guard mayRead == true else { continue }
      let row = try connection.query(
        "SELECT last_value, is_called FROM \(SQL(script: sequence.isCalled))")
      let loss = try loss(
        of: sequence.was, at: try row.value(0, 0), isUsed: try row.value(0, 1))
      if let loss { found.append(loss) }
    }
    return found
  }

  /// Returns the loss if a sequence is set to `last` and then gives numbers a second time, together
  /// with the number that it gives next; nil where it gives no number twice.
  ///
  /// - Parameter isUsed: true where the next number comes after `last`; false where it is `last`.
  func loss(of sequence: CatalogObject, at last: Int, isUsed: Bool) throws(PostgresError)
    -> (loss: Loss, next: Int)?
  {
    guard let before = positions[sequence.identity], let earlier = before.last else { return nil }
    let next = isUsed ? last.addingReportingOverflow(before.step).partialValue : last
    guard before.step > 0 ? next <= earlier : next >= earlier else { return nil }
    let loss = Loss(
      name: "position of \(sequence.name)", kind: .meaning, count: .none,
      detail: "\(earlier) was the last number before, \(next) is the next one after")
    return (loss, next)
  }

  /// Sets sequences forward again that a migration or trial has set back: otherwise they would give
  /// numbers a second time.
  ///
  /// - Returns: the sequences that could not be set.
  func restore(on connection: Connection) throws(PostgresError) -> [String] {
    guard !positions.isEmpty else { return [] }
    let now = try Self.read(connection).positions
    var failed: [String] = []
    for (name, before) in positions.sorted(by: { $0.key < $1.key }) {
      guard let last = before.last, let after = now[name] else { continue }
      let isBack = after.last.map { before.step > 0 ? $0 < last : $0 > last } ?? true
      guard isBack else { continue }
      do {
        try connection.query("SELECT setval(\(name)::regclass, \(last))")
      } catch {
        guard error.serverError != nil else { throw error }
        failed.append(name)
      }
    }
    return failed
  }
}
