internal import Postgres

/// The rows of a table and the values of its columns, as numbers that can be compared.
struct TableMeasure: Equatable {
  /// The values of one column that are not null: their count, and a sum of their digests.
  struct Column: Equatable {
    let values: Int
    let digest: String
  }

  /// How many rows the table has.
  let rows: Int
  /// The columns by number; empty where only rows were counted.
  var columns: [Int: Column] = [:]
  /// A sum of digests of whole rows, which changes when values are exchanged between rows.
  var digest = ""
  /// How many of the rows the transaction itself has written, by their `xmin`.
  var fresh = 0
  /// How many of the rows that the transaction has written were added after an earlier measurement.
  var latest = 0
  /// The age of the youngest row's `xmin`, which a later measurement takes as its `mark`; nil
  /// without rows.
  var youngest: Int?
}

/// How a table is measured: the columns to compare, and which of them as text.
struct MeasureMethod: Equatable {
  /// The columns at the beginning, by number.
  let columns: [CatalogObject]
  /// How the values of columns are compared whose type changes, by the column's number.
  let casts: [Int: Cast]

  /// The common type of values that have two different types.
  enum Cast: String {
    /// The text of the values.
    case text
    /// Double precision, for numbers of two lengths: the shorter type has fewer digits.
    case double = "float8"
    /// Arrays of double precision.
    case doubles = "float8[]"

    /// Returns the common type of two types.
    init(_ old: Int, _ new: Int) {
      let types: Set = [old, new]
      self =
        if types.isSubset(of: [700, 701]) { .double } else if types.isSubset(of: [1021, 1022]) {
          .doubles
        } else { .text }
    }
  }

  /// The size in bytes above which the values of a table are not compared, because it would take
  /// too long.
  static let largestTable = 128 << 20
}

extension ObjectSnapshot {
  /// Measures a table with the names of this snapshot, in the open transaction; nil where the
  /// snapshot does not contain the table.
  ///
  /// - Parameters:
  /// - method: the columns to compare; nil counts rows only.
  /// - youngest: the transaction from which on rows count as written by this one; nil for none.
  /// - mark: the age of the youngest row at an earlier measurement in the same transaction.
  func measure(
    _ table: Int, by method: MeasureMethod?, since youngest: Int?, after mark: Int? = nil,
    on connection: Connection
  ) throws(PostgresError) -> TableMeasure? {
    guard let relation = relation(table) else { return nil }
    let columns = (method?.columns ?? []).compactMap { column -> (Int, SQL)? in
      guard let here = self[column.key] else { return nil }
      return (column.key.part, here.value(as: method?.casts[column.key.part]))
    }
    let digests = columns.map { number, value -> SQL in
      """
      md5(record_send(ROW(\(value)))) AS d\(number: number),
      (\(value)) IS NOT NULL AS n\(number: number)
      """
    }
    let sums = columns.map { number, _ -> SQL in
      """
      count(*) FILTER (WHERE n\(number: number)),
      coalesce(sum(\(Self.number("d\(number: number)"))) FILTER (WHERE n\(number: number)), 0)::text
      """
    }
    let whole = SQL.joined(columns.map { number, _ in "d\(number: number)" }, separator: " || ")
    let digest: SQL =
      columns.isEmpty
      ? "''::text" : "coalesce(sum(\(Self.number("md5(\(whole))"))), 0)::text"
    let isFresh: SQL = youngest.map { "age(t.xmin) <= age(\("\($0)")::text::xid)" } ?? "false"
    let inner = SQL.joined(
      ["\(isFresh) AS fresh", "age(t.xmin) AS age"] + digests, separator: ", ")
    let isLatest: SQL = mark.map { "fresh AND age < \(SQL(script: "\($0)"))" } ?? "fresh"
    let counts: [SQL] = [
      "count(*)", "count(*) FILTER (WHERE fresh)", digest, "count(*) FILTER (WHERE \(isLatest))",
      "min(age)",
    ]
    let rows = try connection.query(
      """
      SELECT \(SQL.joined(counts + sums, separator: ", "))
      FROM (SELECT \(inner) FROM ONLY \(SQL(script: relation.identity)) t) s
      """)
    var measure = TableMeasure(
      rows: try rows.value(0, 0), digest: try rows.value(0, 2), fresh: try rows.value(0, 1),
      latest: try rows.value(0, 3), youngest: try rows.optional(0, 4))
    for (index, column) in columns.enumerated() {
      measure.columns[column.0] = TableMeasure.Column(
        values: try rows.value(0, 5 + 2 * index), digest: try rows.value(0, 6 + 2 * index))
    }
    return measure
  }

  /// Returns how a table is compared with its state in an earlier snapshot.
  func method(for table: Int, since start: ObjectSnapshot) -> MeasureMethod {
    // A column that is now computed from others has no value of its own.
    let columns = start.columns(of: table).filter { self[$0.key].map { !$0.isResult } ?? false }
    let changed = columns.filter { $0.type != self[$0.key]?.type }
    var casts: [Int: MeasureMethod.Cast] = [:]
    for column in changed {
      casts[column.key.part] = MeasureMethod.Cast(column.type, self[column.key]?.type ?? 0)
    }
    return MeasureMethod(columns: columns, casts: casts)
  }

  /// Returns SQL for the first sixty bits of a digest as a number.
  private static func number(_ digest: SQL) -> SQL {
    "('x' || left(\(digest), 15))::bit(60)::bigint"
  }
}

extension CatalogObject {
  /// True for a column that is computed from others.
  fileprivate var isResult: Bool { detail.hasPrefix("g") }

  /// The column's type, without its length or precision.
  fileprivate var type: Int { node >> 32 }

  private static let numeric = 1700

  /// Returns SQL for the column's value as it is compared; trailing zeros of a number are not part
  /// of its value.
  fileprivate func value(as cast: MeasureMethod.Cast?) -> SQL {
    let name = Identifier(String(detail.dropFirst()))
    let value: SQL = type == Self.numeric ? "trim_scale(t.\(name))" : "t.\(name)"
    guard let cast else { return value }
    return "(\(value))::\(SQL(script: cast.rawValue))"
  }
}
