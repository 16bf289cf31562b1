package import Postgres

/// Optional policies that let a session see only one user's documents.
///
/// The setting `vector_ferry.user_id` names the user: `SET LOCAL vector_ferry.user_id = 'alice'`.
/// On the application's table row security is forced, so that the policies bind the table's owner
/// too; on the ledger row security is not forced, because the role that migrates owns the ledger
/// and must see every store. A session without the setting sees nothing.
package enum RowSecurity {
  /// The setting that names the user.
  package static let setting = "vector_ferry.user_id"

  /// Returns SQL that creates the policies on a table of documents.
  package static func isolateUsers(in table: QualifiedName) -> SQL {
    file("isolate_users").script(variables: ["table": table.quoted])
  }

  /// Returns SQL that removes the policies from a table of documents.
  package static func release(_ table: QualifiedName) -> SQL {
    file("release_users").script(variables: ["table": table.quoted])
  }

  /// The SQL that creates the policies on the ledger's tables that contain data of users, for roles
  /// that may search.
  package static var isolateLedger: SQL { file("isolate_ledger").script() + showChanges }

  /// The SQL that lets a session see the models of dimension changes where the ledger's policies
  /// would hide them, because no store owns these models; does nothing where no model is hidden.
  static var showChanges: SQL { file("show_dimension_changes").script() }

  /// The SQL that removes the policies from the ledger.
  package static var releaseLedger: SQL { file("release_ledger").script() }

  private static func file(_ name: String) -> SQLFile {
    FerryFiles.file(name, in: FerryFiles.policies)
  }

  /// Sets the user for the rest of the transaction, so that policies allow the rows of this user.
  ///
  /// The setting ends with the transaction, so that a pooler cannot pass it to another session.
  package static func act(for user: String, on connection: Connection) throws(PostgresError) {
    try connection.query(acting(for: user))
  }

  /// Returns the query that sets the user for the rest of the transaction.
  package static func acting(for user: String) -> SQL {
    "SELECT set_config(\(setting), \(user), true)"
  }
}
