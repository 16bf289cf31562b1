public import Postgres

/// Rows that go with a table, or with one of its columns.
public struct DroppedRows: Sendable, Equatable {
  /// The table, or `column … of …`, as SQL names it.
  public let place: String
  /// How many rows it holds; one more than `limit` where there are more.
  public let count: Int

  /// Beyond this nobody waits for a count.
  public static let limit = 1_000_000
}

extension SchemaPlan {
  /// What the plan empties or drops that holds rows, CASCADE followed; at most a million is counted.
  public func droppedRows(on connection: Connection) throws(PostgresError) -> [DroppedRows] {
    var found: [DroppedRows] = []
    for statement in steps.flatMap({ $0.section.statements.dropFirst($0.done) }) {
      guard let removal = statement.takenAway else { continue }
      for place in try removal.places(on: connection)
      where !found.contains(where: { $0.place == place.shown }) {
        let rows = try Self.rows(of: place.table, on: connection)
        if rows > 0 { found.append(DroppedRows(place: place.shown, count: rows)) }
      }
    }
    return found
  }

  private static func rows(of table: String, on connection: Connection) throws(PostgresError)
    -> Int
  {
    do {
      return try connection.scalar(
        """
        SELECT count(*) FROM (SELECT FROM \(SQL(script: table)) LIMIT \(DroppedRows.limit + 1)) t
        """) ?? 0
    } catch {
      // Who may drop a table need not be allowed to read it.
      guard error.serverError?.sqlState == "42501" else { throw error }
      return 0
    }
  }
}

/// What a DROP or a TRUNCATE takes away.
struct Removal: Equatable {
  enum Kind: String { case TABLE, SCHEMA, EXTENSION, TYPE, DOMAIN, TRUNCATE }

  let kind: Kind
  /// The names as written.
  let names: [String]
  let cascades: Bool

  /// A table that loses rows, and what of it goes.
  struct Place: Equatable {
    /// The table's quoted name with its schema.
    let table: String
    /// The table, or its column, for people.
    let shown: String
  }

  /// Tables and columns that are there now and go with it.
  func places(on connection: Connection) throws(PostgresError) -> [Place] {
    var places: [Place] = []
    for name in names {
      let rows = try connection.query(kind == .TRUNCATE ? emptied(name) : dropped(name))
      for row in 0..<rows.rowCount {
        let table: String = try rows.value(row, 0)
        let shown: String = try rows.value(row, 1)
        let column: String? = try rows.optional(row, 2)
        places.append(
          Place(table: table, shown: column.map { "column \($0) of \(shown)" } ?? shown))
      }
    }
    return places
  }

  /// The catalogue and the object of a name there.
  private func root(_ name: String) -> SQL {
    switch kind {
    case .TABLE, .TRUNCATE: "'pg_class'::regclass, to_regclass(\(name))::oid"
    case .SCHEMA: "'pg_namespace'::regclass, to_regnamespace(\(name))::oid"
    case .TYPE, .DOMAIN: "'pg_type'::regclass, to_regtype(\(name))::oid"
    case .EXTENSION:
      """
      'pg_extension'::regclass,
      (SELECT oid FROM pg_extension WHERE extname = (parse_ident(\(name)))[1])
      """
    }
  }

  private func dropped(_ name: String) -> SQL {
    """
    WITH RECURSIVE gone(class, object, part) AS (
      SELECT r.class::oid, r.object, 0 FROM (SELECT \(root(name))) AS r(class, object)
      WHERE r.object IS NOT NULL
      UNION
      SELECT d.classid, d.objid, d.objsubid FROM pg_depend d JOIN gone g
        ON d.refclassid = g.class AND d.refobjid = g.object
        AND (g.part = 0 OR g.part = d.refobjsubid)
      WHERE \(cascades) AND d.deptype <> 'x')
    SELECT DISTINCT format('%I.%I', n.nspname, c.relname), c.oid::regclass::text,
           quote_ident(a.attname)
    FROM gone g JOIN pg_class c ON g.class = 'pg_class'::regclass AND c.oid = g.object
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = g.part AND g.part > 0
    WHERE c.relkind IN ('r', 'p')
      AND (g.part = 0 OR NOT EXISTS (
        SELECT FROM gone w WHERE w.class = g.class AND w.object = g.object AND w.part = 0))
      -- Rows of partitions and of heirs are counted with those of their parent.
      AND NOT EXISTS (
        SELECT FROM pg_inherits i JOIN gone w ON w.class = g.class AND w.object = i.inhparent
        WHERE i.inhrelid = c.oid AND w.part = g.part)
    ORDER BY 1, 3
    """
  }

  private func emptied(_ name: String) -> SQL {
    """
    WITH RECURSIVE gone(object) AS (
      SELECT to_regclass(\(name))::oid
      UNION
      SELECT k.conrelid FROM pg_constraint k JOIN gone g ON k.confrelid = g.object
      WHERE \(cascades) AND k.contype = 'f')
    SELECT format('%I.%I', n.nspname, c.relname), c.oid::regclass::text, NULL::text
    FROM gone g JOIN pg_class c ON c.oid = g.object JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1
    """
  }
}

extension SQLStatement {
  /// What the statement takes away with its rows; nil where it takes none.
  var takenAway: Removal? {
    guard words.count > 1, let first = words.first, first.kind == .word else { return nil }
    let kind: Removal.Kind
    var start = 1
    switch first.text {
    case "TRUNCATE":
      kind = .TRUNCATE
      if words[1].isWord("TABLE") { start = 2 }
    case "DROP":
      guard words[1].kind == .word, let named = Removal.Kind(rawValue: words[1].text) else {
        return nil
      }
      kind = named
      start = words.dropFirst(2).first?.isWord("IF") == true ? 4 : 2
    default: return nil
    }
    var names: [String] = []
    while true {
      if words.dropFirst(start).first?.isWord("ONLY") == true { start += 1 }
      guard let (name, end) = qualifiedName(at: start) else { break }
      names.append(name)
      start = words.dropFirst(end).first?.text == "*" ? end + 1 : end
      guard start < words.count, words[start].text == "," else { break }
      start += 1
    }
    return Removal(kind: kind, names: names, cascades: words.last?.isWord("CASCADE") == true)
  }
}
