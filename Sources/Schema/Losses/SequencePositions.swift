internal import Postgres

/// Where every sequence stands: `setval` is not undone by a rollback.
struct SequencePositions {
  private struct Position: Equatable {
    let last: Int?
    let step: Int
  }

  private var positions: [String: Position] = [:]

  /// Reads them; none where the server refuses.
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

  /// Moves sequences forward again that a trial has set back; they would hand numbers out twice.
  ///
  /// - Returns: those that could not be moved.
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
