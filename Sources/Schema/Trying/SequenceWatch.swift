internal import Postgres
internal import SQLText

/// Finds sequences that the statements of a trial have set, and gives them their earlier positions
/// again, because a rollback does not do that.
struct SequenceWatch {
  /// The position of a sequence.
  private struct Place: Equatable {
    let name: String
    let last: Int
    let isCalled: Bool
  }

  /// The positions of a sequence before the statement that has set it, and at the end of the trial.
  private struct Jump {
    let before: Place
    var after: Place?
  }

  private let connection: Connection
  /// The functions that set sequences.
  private var setters = FunctionReach()
  private var jumps: [Int: Jump] = [:]
  /// The positions of all sequences before the current statement; nil where that statement sets no
  /// sequence.
  private var open: [Int: Place]?

  private static let call = "setval"

  init(_ connection: Connection) throws(PostgresError) {
    self.connection = connection
    try readSetters()
  }

  /// Finds the functions that set sequences now.
  mutating func readSetters() throws(PostgresError) {
    let machine = FunctionReach.Machine(
      symbols: "^\(Self.call)", effect: { name, _ in name }, isKnown: { $0 == Self.call })
    setters = try FunctionReach.read(matching: Self.call, calling: machine, on: connection) {
      $0.code.words.contains(Self.call) ? $0.name : nil
    }
  }

  /// Returns true where a statement may have defined a function that sets sequences.
  func mustReread(from statement: SQLStatement) -> Bool {
    guard statement.begins(with: "CREATE") || statement.begins(with: "ALTER") else { return false }
    return !setters.isEmpty || statement.text.lowercased().contains(Self.call)
  }

  /// Reads the positions before a statement that may set a sequence.
  ///
  /// - Parameter statement: nil for the constraints and triggers that are deferred until COMMIT.
  mutating func begin(_ statement: SQLStatement?) throws(PostgresError) {
    let maySet =
      statement.map { $0.text.lowercased().contains(Self.call) || setters.effect(of: $0) != nil }
      ?? !setters.isEmpty
    open = maySet ? try places() : nil
  }

  /// Records the sequences that the statement has set.
  mutating func end() throws(PostgresError) {
    guard let before = open else { return }
    open = nil
    note(before, try places())
  }

  private mutating func note(_ before: [Int: Place], _ now: [Int: Place]) {
    for (number, place) in before where jumps[number] == nil {
      guard let other = now[number] else { continue }
      if other.last != place.last || other.isCalled != place.isCalled {
        jumps[number] = Jump(before: place)
      }
    }
  }

  /// Records the positions that the sequences have at the end of the trial.
  mutating func settle() {
    guard !jumps.isEmpty, let now = try? places() else { return }
    for number in jumps.keys { jumps[number]?.after = now[number] }
  }

  /// Sets the sequences back after the trial was rolled back; a sequence that another session has
  /// moved since then keeps its position.
  ///
  /// - Returns: the sequences that the server did not allow to be set.
  mutating func putBack() throws(PostgresError) -> [String] {
    guard open != nil || !jumps.isEmpty else { return [] }
    let now = try places()
    if let before = open { note(before, now) }
    var failed: [String] = []
    for (number, jump) in jumps.sorted(by: { $0.key < $1.key }) {
      // A sequence that the trial has created does not exist any more.
      guard let name = now[number]?.name else { continue }
      let isLeft: SQL =
        jump.after.map { "last_value = \($0.last) AND is_called = \($0.isCalled)" } ?? "true"
      do {
        try connection.query(
          """
          SELECT setval(\(Literal(name))::regclass, \(jump.before.last)::bigint,
            \(jump.before.isCalled)) FROM \(SQL(script: name)) WHERE \(isLeft)
          """)
      } catch {
        guard error.serverError != nil else { throw error }
        failed.append(name)
      }
    }
    return failed
  }

  /// Reads the positions of all sequences that the session may read and set.
  private func places() throws(PostgresError) -> [Int: Place] {
    let list = try connection.query(CatalogueQueries.sequences)
    var found: [Int: Place] = [:]
    for start in stride(from: 0, to: list.rowCount, by: Self.most) {
      var pieces: [SQL] = []
      for row in start..<min(start + Self.most, list.rowCount) {
        let number: Int = try list.value(row, 0)
        let name: String = try list.value(row, 1)
        pieces.append(
          """
          SELECT \(SQL(script: "\(number)"))::bigint, \(Literal(name))::text, last_value, is_called
          FROM \(SQL(script: name))
          """)
      }
      let rows = try connection.query(SQL.joined(pieces, separator: " UNION ALL "))
      for row in 0..<rows.rowCount {
        found[try rows.value(row, 0)] = Place(
          name: try rows.value(row, 1), last: try rows.value(row, 2),
          isCalled: try rows.value(row, 3))
      }
    }
    return found
  }

  /// The number of sequences that one query reads.
  private static let most = 100
}
