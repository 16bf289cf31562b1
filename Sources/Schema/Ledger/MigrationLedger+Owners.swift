internal import OwnSchema
internal import Postgres

extension MigrationLedger {
  /// Throws where the ledger's table is not an ordinary permanent table of a trusted role.
  ///
  /// The triggers of the table run with the rights of every role that migrates, and the down
  /// migrations in the table's rows are executed.
  func refuseForeignOwners() throws {
    guard let found = try owned() else { return }
    try found.refuseOtherKinds(of: table)
    guard found.isTrusted else {
      let trigger = found.trigger.map { " (the table has the trigger \($0))" } ?? ""
      throw TrustedRoles.refusal(
        of: "TABLE \(table)\(trigger)", owner: found.owner,
        danger:
          "that role could add code to the table, which runs with the rights of every role that "
          + "migrates"
      )
    }
    if found.persistence != "p" {
      throw SchemaError(
        "\(table) is no permanent table: rows that are recorded there are lost after a "
          + "crash of the server",
        remedy: "ALTER TABLE \(table) SET LOGGED")
    }
    guard let trigger = found.foreignTrigger else { return }
    throw SchemaError(
      "\(table), which belongs to \(found.owner), has the trigger \(trigger), which would "
        + "run with the rights of every role that migrates",
      remedy: "drop the trigger (docs/SECURITY.md)")
  }

  /// Throws where the ledger's name belongs to a view or another object that is not a table:
  /// reading a view runs functions of the view's owner.
  func refuseOtherKinds() throws { try owned()?.refuseOtherKinds(of: table) }

  /// The kind and the owner of the ledger's table.
  private struct Owned {
    let kind: String
    let persistence: String
    let owner: String
    let isTrusted: Bool
    /// A trigger of the table, with the function that it calls; nil where there is none.
    let trigger: String?
    /// A trigger whose function belongs to a role that is not trusted; nil where there is none.
    let foreignTrigger: String?

    func refuseOtherKinds(of table: QualifiedName) throws(SchemaError) {
      guard kind != "r" else { return }
      throw SchemaError(
        "\(table), which belongs to role \(owner), is not an ordinary table",
        remedy: "drop or rename that object; the ledger is then created again")
    }
  }

  private func owned() throws(PostgresError) -> Owned? {
    let rows = try connection.query(
      MigrationLedgerQueries.owner(ledger: table.quoted, trusted: TrustedRoles().tables))
    guard rows.rowCount == 1 else { return nil }
    return Owned(
      kind: try rows.value(0, 0), persistence: try rows.value(0, 1), owner: try rows.value(0, 2),
      isTrusted: try rows.value(0, 3), trigger: try rows.optional(0, 4),
      foreignTrigger: try rows.optional(0, 5))
  }
}
