internal import Postgres

extension LossCounter {
  /// Finds the columns that lose values when an attribute of a composite type, or of a table's row
  /// type, is dropped: the server drops the attribute even if columns hold values of it.
  ///
  /// - Parameter countsValues: false where the attribute was dropped already.
  func attributeLosses(
    of object: CatalogObject, in snapshot: ObjectSnapshot, countsValues: Bool = true
  ) throws(PostgresError) -> [Loss] {
    guard ["composite type column", "table column"].contains(object.kind) else { return [] }
    let attribute = String(object.detail.dropFirst())
    let rows = try connection.query(Self.holders(of: object.key.object))
    var losses: [Loss] = []
    for row in 0..<rows.rowCount {
      let key = CatalogObject.Key(
        catalog: ObjectSnapshot.relationCatalog, object: try rows.value(row, 0),
        part: try rows.value(row, 1))
      // A column that this run has created held no values before.
      guard let column = snapshot[key] else { continue }
      let isDirect: Bool = try rows.value(row, 2)
      let count =
        isDirect && countsValues
        ? try values(of: attribute, inside: column, in: snapshot) : .unknown
      losses.append(
        Loss(
          name: "values \(column.name)", kind: .values, count: count,
          detail: isDirect
            ? "they lose the attribute \(attribute)"
            : "values inside of them lose the attribute \(attribute)"))
    }
    return losses
  }

  private func values(
    of attribute: String, inside column: CatalogObject, in snapshot: ObjectSnapshot
  ) throws(PostgresError) -> Loss.Count {
    guard let relation = snapshot.relation(column.key.object) else { return .unknown }
    let name = Identifier(String(column.detail.dropFirst()))
    return try count(
      """
      SELECT count((t.\(name)).\(Identifier(attribute)))
      FROM ONLY \(SQL(script: relation.identity)) t
      """, of: column.key.object)
  }

  /// Returns SQL for the columns whose values contain a composite type: directly, in an array, a
  /// domain or another composite type.
  private static func holders(of composite: Int) -> SQL {
    """
    WITH RECURSIVE holding (type, is_direct) AS (
      SELECT reltype, true FROM pg_class WHERE oid = \(composite)::bigint::oid
      UNION
      SELECT t.oid, false FROM holding h JOIN pg_type t ON t.typelem = h.type
        OR t.typbasetype = h.type OR t.typtype = 'c' AND EXISTS (
          SELECT FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.atttypid = h.type
            AND NOT a.attisdropped))
    SELECT c.oid::bigint, a.attnum::int, bool_or(h.is_direct)
    FROM holding h JOIN pg_attribute a ON a.atttypid = h.type AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0
    GROUP BY c.oid, a.attnum ORDER BY c.oid, a.attnum
    """
  }
}
