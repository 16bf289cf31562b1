/// The facts about one collection in a Chroma folder.
package struct ChromaCollection: Sendable, Equatable {
  /// The measure by which a collection compares vectors; it decides what the saved files hold.
  package enum Space: Sendable {
    /// Vectors are saved as they are.
    case plain
    /// Vectors are saved as unit vectors, and their lengths beside them.
    case cosine
  }

  /// The collection's id, which the log names.
  let id: String
  /// The collection's name in its database.
  let name: String
  let database: String
  let tenant: String
  /// The number of numbers in each vector, as the library has noted it.
  package let dimension: Int?
  let space: Space
  /// The segment whose rows are the documents; nil for a collection that never got one.
  let metadataSegment: String?
  /// The segment whose folder holds saved vectors.
  package let vectorSegment: String?
  /// The number of documents.
  package let count: Int
  /// The reason why the collection cannot be read; nil where none is known.
  package let problem: String?

  static let usualDatabase = "default_database"
  static let usualTenant = "default_tenant"

  /// The name by which the collection is migrated: outside of the usual database, the name of the
  /// database comes first.
  package var fullName: String {
    database == Self.usualDatabase ? name : "\(database)/\(name)"
  }

  /// The tenant, which is the user; nil for the tenant that Chroma has by default.
  package var user: String? { tenant == Self.usualTenant ? nil : tenant }
}
