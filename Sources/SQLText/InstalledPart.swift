/// A part of a schema that the program itself installs, named by a `-- migrate:install` line.
///
/// Only bundled sets use it: the same code serves `migrate`, so that both create the same schema.
package enum InstalledPart: String, Sendable, CaseIterable {
  /// VectorFerry's own schema, with its ledger and its search functions.
  case ferrySchema = "vector_ferry"
}
