internal import OwnSchema
internal import Postgres

/// Finds objects that keep their name but have another definition now; reports each change once.
struct DefinitionFinder {
  /// True where the session may read the passwords of roles.
  private(set) var includesPasswords: Bool
  private let connection: Connection
  private let start: ObjectSnapshot
  private let startDefinitions: ObjectDefinitions
  private var reported: Set<String> = []

  /// Reads all present definitions, for later comparisons.
  ///
  /// - Parameter start: the objects that exist now; the names of objects are read from it.
  init(since start: ObjectSnapshot, on connection: Connection) throws(PostgresError) {
    self.start = start
    self.connection = connection
    includesPasswords = try ObjectDefinitions.includePasswords(connection)
    startDefinitions = try ObjectDefinitions.read(connection, withPasswords: includesPasswords)
  }

  /// Checks again whether the session may read passwords, after a role was changed.
  mutating func rolesHaveChanged() throws(PostgresError) {
    includesPasswords = try ObjectDefinitions.includePasswords(connection)
  }

  /// Finds the changed definitions that were not reported before.
  ///
  /// - Parameters:
  /// - exceptOwn: true where changes of this program's own schema are left out.
  /// - sharedChanges: the shared catalogues that the transaction has changed. A change of a role or
  ///   database in another catalogue was made by another session and is left out. Nil where these
  ///   catalogues are not known.
  mutating func find(exceptOwn: Bool, sharedChanges: Set<String>?) throws(PostgresError)
    -> [ObjectDefinitions.Change]
  {
    let definitions = try ObjectDefinitions.read(connection, withPasswords: includesPasswords)
    // The names of new objects; a relation's definition contains its own name.
    var named = ObjectSnapshot()
    try named.refresh([.others], on: connection)
    let found = definitions.changes(
      since: startDefinitions, before: { start[$0]?.name }, after: { named[$0]?.name })
    let safeguards = Set(found.filter(\.isSafeguard).map(\.name))
    return found.filter { change in
      if exceptOwn, change.name.contains("\(FerrySchema.name.name).") { return false }
      if let shared = ObjectDefinitions.shared[change.before.catalog], let sharedChanges,
        !sharedChanges.contains(shared)
      {
        return false
      }
      guard change.isSafeguard || !safeguards.contains(change.name) else { return false }
      return reported.insert("\(change.name) \(change.isSafeguard)").inserted
    }
  }
}
