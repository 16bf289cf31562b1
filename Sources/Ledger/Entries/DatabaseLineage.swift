package import Journal
internal import Machine
package import Postgres

/// The identities under which the journal knows a database.
///
/// A database that was restored from a dump under its old name has a new identity, but for the
/// operator it is the same database: an old identity counts where the database's ledger lists runs
/// that the journal recorded under that identity.
package struct DatabaseLineage {
  /// The database's present identity; nil where the server does not report one.
  package let identity: String?
  /// The ids of the runs that the database's ledger lists.
  private let ledgerRuns: Set<String>

  /// Reads the identity and the runs from the database; where the ledger cannot be read, only the
  /// present identity counts.
  package init(_ connection: Connection) throws {
    identity = try connection.identity()?.description
    let mayRead: Bool? = try connection.scalar(
      """
      SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'vector_ferry' AND c.relname = 'runs'
      """)
    guard mayRead == true else {
      ledgerRuns = []
      return
    }
    let rows = try connection.query("SELECT id::text FROM vector_ferry.runs")
    ledgerRuns = Set(try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) })
  }

  /// Returns the identities under which the runs of this database were recorded; empty where the
  /// server does not report the database's own identity.
  package func identities(in runs: [RunRecord], database: String) -> Set<String> {
    guard let identity else { return [] }
    var known: Set<String> = [identity]
    for run in runs where ledgerRuns.contains(run.id.description) {
      if let former = run.facts.identity, run.facts.database.withoutOrigin == database {
        known.insert(former)
      }
    }
    return known
  }
}
