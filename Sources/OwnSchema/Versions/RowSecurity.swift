package import Postgres

/// Optional policies that let a session see one user's documents only.
///
/// The user is whoever `vector_ferry.user_id` names: `SET LOCAL vector_ferry.user_id = 'alice'`.
/// The application's table is forced, so that its owner is bound too; the ledger is not, since the
/// migration role owns it and has to see every store. A session without the setting sees nothing.
package enum RowSecurity {
  /// The setting that names the user.
  package static let setting = "vector_ferry.user_id"

  /// Puts the policies up on a table of documents.
  package static func isolateUsers(in table: QualifiedName) -> SQL {
    file("isolate_users").script(variables: ["table": table.quoted])
  }

  /// Takes the policies of a table of documents away.
  package static func release(_ table: QualifiedName) -> SQL {
    file("release_users").script(variables: ["table": table.quoted])
  }

  /// Puts the policies up on the ledger's tables that tell of users, for roles that may search.
  package static var isolateLedger: SQL { file("isolate_ledger").script() + showChanges }

  /// Lets a session see the models of dimension changes, which no store owns, where the policies
  /// of the ledger would hide them; nothing where there are none.
  static var showChanges: SQL { file("show_dimension_changes").script() }

  /// Takes the policies of the ledger away.
  package static var releaseLedger: SQL { file("release_ledger").script() }

  private static func file(_ name: String) -> SQLFile {
    FerryFiles.file(name, in: FerryFiles.policies)
  }

  /// Names the user for the rest of the transaction, so that policies like these let it through.
  ///
  /// It lasts no longer, so that a pooler cannot hand it to another session.
  package static func act(for user: String, on connection: Connection) throws(PostgresError) {
    try connection.query("SELECT set_config(\(setting), \(user), true)")
  }
}
