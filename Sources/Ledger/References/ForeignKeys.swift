internal import Postgres

/// The foreign keys that change rows automatically, and the tables that such keys reach from the
/// documents.
struct ForeignKeys {
  /// An event that happens to rows of a table.
  enum Event: Hashable {
    case deleted
    /// The rows get new values in these columns.
    case changed(Set<String>)
  }

  /// A foreign key, by which rows of one table refer to rows of another.
  struct Key {
    struct Column {
      let own: Identifier
      let other: Identifier
      /// The operator with which the server compares the two columns.
      let equals: (schema: Identifier, name: String)
    }

    let name: String
    /// The object id of the table with the key; a partition has the id of its partitioned table.
    let table: Int
    let tableName: QualifiedName
    let referred: Int
    let referredName: QualifiedName
    let onDelete: ReferringTable.Action?
    let onUpdate: ReferringTable.Action?
    var columns: [Column] = []

    /// Returns the event that this key causes for its rows when an event happens to the rows that
    /// they refer to; nil where the key causes none.
    func result(of event: Event) -> Event? {
      let own = Set(columns.map(\.own.name))
      switch event {
      case .deleted:
        return onDelete.map { $0 == .cascade ? .deleted : .changed(own) }
      case .changed(let changed):
        guard onUpdate != nil, columns.contains(where: { changed.contains($0.other.name) }) else {
          return nil
        }
        return .changed(own)
      }
    }
  }

  /// A table that a change of documents reaches, and the foreign keys that lead from the documents
  /// to that table.
  struct Step {
    let path: [Key]
    let event: Event
    /// The event that happens to the rows to which this table's key refers.
    let cause: Event

    var key: Key { path[path.count - 1] }
  }

  /// The object ids of the table of documents (of the partitioned table where it is a partition),
  /// and of tables that inherit from it.
  private let targets: Set<Int>
  private let keys: [Key]

  /// Reads the foreign keys from the catalogue.
  init(of table: String, on connection: Connection) throws {
    let places = try connection.query(ReferenceQueries.places(table: table))
    targets = Set(try places.map { (row) throws(PostgresError) in try places.value(row, 0) })
    keys = try Self.read(on: connection)
  }

  private static func read(on connection: Connection) throws -> [Key] {
    let rows = try connection.query(ReferenceQueries.keys)
    var keys: [Key] = []
    var last: Int?
    for row in 0..<rows.rowCount {
      let oid: Int = try rows.value(row, 0)
      if oid != last {
        keys.append(
          Key(
            name: try rows.value(row, 1), table: try rows.value(row, 2),
            tableName: QualifiedName(
              schema: Identifier(try rows.value(row, 3)), Identifier(try rows.value(row, 4))),
            referred: try rows.value(row, 5),
            referredName: QualifiedName(
              schema: Identifier(try rows.value(row, 6)), Identifier(try rows.value(row, 7))),
            onDelete: .init(catalogue: try rows.value(row, 8)),
            onUpdate: .init(catalogue: try rows.value(row, 9))))
        last = oid
      }
      keys[keys.count - 1].columns.append(
        .init(
          own: Identifier(try rows.value(row, 10)), other: Identifier(try rows.value(row, 11)),
          equals: (Identifier(try rows.value(row, 12)), try rows.value(row, 13))))
    }
    return keys
  }

  /// Returns true for a key that rows of the table of documents itself have.
  func isOfTarget(_ key: Key) -> Bool { targets.contains(key.table) }

  /// The object ids of the table of documents, and of the tables that inherit from it.
  var targetIDs: Set<Int> { targets }

  /// The keys by which rows of the table of documents are deleted together with other rows of the
  /// same table.
  var cascades: [Key] {
    keys.filter {
      targets.contains($0.table) && targets.contains($0.referred) && $0.onDelete == .cascade
    }
  }

  /// Follows the keys, beginning at the documents; the keys may lead back to the table of
  /// documents.
  ///
  /// - Returns: a step for each key that acts, and true where the steps contain every way to each
  ///   table. Ways through documents that are deleted or changed only because of other documents
  ///   are not needed for that.
  func reached(by event: Event) -> (steps: [Step], isComplete: Bool) {
    struct Place: Hashable {
      let table: Int
      let event: Event
    }
    var steps: [Step] = []
    var isComplete = true
    var waiting = targets.map { (place: Place(table: $0, event: event), path: [Key]()) }
    var seen = Set(waiting.map(\.place))
    while !waiting.isEmpty {
      let (place, path) = waiting.removeFirst()
      for key in keys where key.referred == place.table {
        guard let result = key.result(of: place.event) else { continue }
        steps.append(Step(path: path + [key], event: result, cause: place.event))
        let isOwnCascade = path.isEmpty && targets.contains(key.table) && result == event
        if isOwnCascade { continue }
        let next = Place(table: key.table, event: result)
        if seen.insert(next).inserted {
          waiting.append((next, path + [key]))
        } else {
          isComplete = false
        }
      }
    }
    return (steps, isComplete)
  }
}

extension ForeignKeys.Step {
  /// The step as a referring table for messages; nil where the key has no action.
  var referringTable: ReferringTable? {
    let isOnUpdate = cause != .deleted
    guard let action = isOnUpdate ? key.onUpdate : key.onDelete else { return nil }
    return ReferringTable(
      table: key.tableName, constraint: key.name, action: action, isOnUpdate: isOnUpdate,
      through: path.count > 1 ? key.referredName : nil)
  }
}
