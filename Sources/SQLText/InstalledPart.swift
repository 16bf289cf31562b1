/// A part of the database that this program installs where a bundled set says `-- migrate:install`.
///
/// `migrate` installs the part with the same code, so that both create the same schema.
package enum InstalledPart: String, Sendable, CaseIterable {
  /// VectorFerry's own schema, with its ledger and its search functions.
  case ferrySchema = "vector_ferry"
}
