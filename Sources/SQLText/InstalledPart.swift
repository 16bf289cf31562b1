/// A part of a schema that the program itself installs, named by a `-- migrate:install` line.
///
/// Only bundled sets contain such a line. The same code installs the part for `migrate`, so that
/// both create the same schema.
package enum InstalledPart: String, Sendable, CaseIterable {
  /// VectorFerry's own schema, with its ledger and its search functions.
  case ferrySchema = "vector_ferry"
}
