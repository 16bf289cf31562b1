internal import Postgres

/// Numbers that describe the rows of a table and the values of its columns, so that two states of
/// the table can be compared.
struct TableMeasure: Equatable {
  /// The number of a column's values that are not null, and a sum of their digests.
  struct Column: Equatable {
    let values: Int
    let digest: String
  }

  /// The number of rows in the table.
  let rows: Int
  /// The measures of each column, by the column's number; empty where only rows were counted.
  var columns: [Int: Column] = [:]
  /// A sum of digests of whole rows, which changes when values are exchanged between rows.
  var digest = ""
  /// The number of rows that the open transaction itself has written, according to `xmin`.
  var fresh = 0
  /// The number of rows that the transaction has written after an earlier measurement.
  var latest = 0
  /// The age of the newest row's `xmin`, which a later measurement takes as its `mark`; nil where
  /// there are no rows.
  var youngest: Int?
}

/// The columns of a table that are compared, and the types in which they are compared.
struct MeasureMethod: Equatable {
  /// The columns to compare, as they were at the beginning.
  let columns: [CatalogObject]
  /// The common types of the columns whose type changes, by the column's number.
  let casts: [Int: Cast]

  /// The common type in which the values of a column before and after a change of type are
  /// compared.
  enum Cast: String {
    /// All values are compared as text.
    case text
    /// Numbers of single and double precision are compared as double precision.
    case double = "float8"
    /// Arrays of such numbers are compared as arrays of double precision.
    case doubles = "float8[]"

    /// Creates the common type of an old and a new type, which are given by their numbers.
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
  /// Measures a table in the open transaction, under the names in this snapshot; nil where the
  /// snapshot does not contain the table.
  ///
  /// - Parameters:
  /// - method: the columns to compare; nil counts rows only.
  /// - youngest: the number of the first transaction whose rows count as written by the open one;
  ///   nil where no row counts as such.
  /// - mark: the age of the newest row at an earlier measurement in the same transaction.
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

  /// Returns the columns, and their types, in which a table is compared with its state in an
  /// earlier snapshot.
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

  /// Returns SQL that makes a number of the first sixty bits of a digest.
  private static func number(_ digest: SQL) -> SQL {
    "('x' || left(\(digest), 15))::bit(60)::bigint"
  }
}

extension CatalogObject {
  /// True for a column whose values are computed from other columns.
  fileprivate var isResult: Bool { detail.hasPrefix("g") }

  /// The column's type, without its length or precision.
  fileprivate var type: Int { node >> 32 }

  private static let numeric = 1700

  /// Returns SQL for a column's value, in the form in which values are compared; trailing zeros of
  /// a number are removed.
  fileprivate func value(as cast: MeasureMethod.Cast?) -> SQL {
    let name = Identifier(String(detail.dropFirst()))
    let value: SQL = type == Self.numeric ? "trim_scale(t.\(name))" : "t.\(name)"
    guard let cast else { return value }
    return "(\(value))::\(SQL(script: cast.rawValue))"
  }
}
