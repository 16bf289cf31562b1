package import Journal
package import Postgres

/// By which identities a database stands in the journal.
///
/// A database that was restored from a dump under its old name has a new identity, and is the same
/// one to the operator: it counts as such where its ledger lists runs that the journal recorded
/// under the old identity.
package struct DatabaseLineage {
  /// Its own identity; nil where the server does not tell.
  package let identity: String?
  /// The runs that its ledger knows, by their ids.
  private let ledgerRuns: Set<String>

  /// Asks the database; without a readable ledger only its own identity counts.
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

  /// The identities under which the runs of this database were recorded; empty where the server
  /// does not tell its own.
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
