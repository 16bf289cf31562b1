internal import Postgres

extension LossCounter {
  /// Finds the columns that lose values when an attribute of a composite type is dropped.
  ///
  /// The server drops the attribute even if columns hold values of the type. The row type of a
  /// table is a composite type, too.
  ///
  /// - Parameter countsValues: false where the attribute was dropped already, so that its values
  ///   cannot be counted.
  func attributeLosses(
    of object: CatalogObject, in snapshot: ObjectSnapshot, countsValues: Bool = true
  ) throws(PostgresError) -> [Loss] {
    guard ["composite type column", "table column"].contains(object.kind) else { return [] }
    let attribute = String(object.detail.dropFirst())
    let rows = try connection.query(LossesQueries.holders(composite: object.key.object))
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
            ? "the values lose the attribute \(attribute)"
            : "values inside of the column's values lose the attribute \(attribute)"))
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
}
