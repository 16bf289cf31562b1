internal import Postgres

/// Finds the dropped objects; an object that was dropped together with another object is left out.
///
/// A view that was dropped and created again under the same name does not count as dropped; the
/// parts of the old view are compared by name with the parts of the new view.
struct GoneObjects {
  private typealias Key = CatalogObject.Key
  /// A dropped object, and the group of objects that contains it.
  private struct Item {
    let group: ObjectCatalog
    let object: CatalogObject
    /// The object's name when the migration began, as the server stores it.
    let name: String

    var isRelation: Bool { group == .relations && object.key.property.isEmpty }
    var isColumn: Bool { group == .columns && object.key.property.isEmpty }

    /// The SQL condition that is true where another relation or column has the dropped object's
    /// name now; this check is cheaper than listing all objects.
    var isNameUsed: SQL {
      isRelation
        ? "to_regclass(\(Literal(object.identity))) IS NOT NULL"
        : """
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = \(object.key.object)::bigint::oid
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = \(Literal(name))::name)
        """
    }
  }

  private let start: ObjectSnapshot
  private let containment: Containment
  /// The dropped objects that were found before; they are not found again.
  private var known: Set<Key> = []

  /// Reads from the server which objects are parts of other objects.
  init(since start: ObjectSnapshot, on connection: Connection) throws(PostgresError) {
    self.start = start
    containment = try Containment.read(connection)
  }

  /// Finds the objects that were dropped since the last call.
  ///
  /// - Parameter names: a snapshot from the beginning of the migration, with the names of that
  ///   time.
  mutating func find(
    in now: ObjectSnapshot, names: ObjectSnapshot, on connection: Connection
  ) throws(PostgresError) -> [CatalogObject] {
    var all: Set<Key> = []
    var news: [Item] = []
    for (group, before) in start.groups {
      let after = now.groups[group] ?? [:]
      for (key, object) in before where after[key] == nil {
        all.insert(key)
        if known.contains(key) { continue }
        let then = names.groups[group]?[key] ?? object
        news.append(
          Item(
            group: group, object: object.named(as: then), name: String(then.detail.dropFirst())))
      }
    }
    guard !news.isEmpty else { return [] }
    let made = try newNames(for: news, all, on: connection)
    let back = Set(news.map(\.object).filter { made.contains($0.fullName) }.map(\.key))
    var found: [CatalogObject] = []
    for object in news.map(\.object) {
      let isNamed = mustBeNamed(
        object, containers: containment.containers(of: object, among: all), back)
      if isNamed { found.append(object) }
      // An object that was created again may be dropped again.
      if isNamed || !back.contains(object.key) || object.holdsData && !object.isMember {
        known.insert(object.key)
      }
    }
    return found
  }

  /// Returns true where the operator has to allow the loss of an object by name: no new object
  /// replaces it, and the loss of another object does not include it.
  ///
  /// - Parameter back: the dropped objects whose names belong to new objects now.
  private func mustBeNamed(_ object: CatalogObject, containers: [Key], _ back: Set<Key>) -> Bool {
    guard containers.isEmpty else {
      // Rows, columns and a sequence's numbers are lost with their table, even if a new table has
      // its name.
      return containers.allSatisfy(back.contains) && (object.isMember || !object.holdsData)
        && !back.contains(object.key)
    }
    // A GRANT to PUBLIC removes no right; and no transaction can drop a database.
    if ["revoke", "database"].contains(object.kind) { return false }
    return object.holdsData || !back.contains(object.key)
  }

  /// Finds the full names of new objects, in the groups where a dropped object may have had the
  /// same name.
  private func newNames(
    for news: [Item], _ all: Set<Key>, on connection: Connection
  ) throws(PostgresError) -> Set<String> {
    let roots = news.filter { containment.containers(of: $0.object, among: all).isEmpty }
    var groups = Set(
      roots.filter { !$0.object.holdsData && !$0.isRelation }.map(\.group))
    let asked = roots.filter { $0.isRelation || $0.isColumn }
    if !asked.isEmpty {
      let questions = asked.map(\.isNameUsed)
      let isNameUsed: Bool? = try connection.scalar(
        "SELECT \(SQL.joined(questions, separator: " OR "))")
      if isNameUsed == true { groups.formUnion(asked.map(\.group)) }
    }
    var made = try newNames(in: groups, on: connection)
    if roots.contains(where: { made.contains($0.object.fullName) }) {
      made.formUnion(
        try newNames(in: Set(news.map(\.group)).subtracting(groups), on: connection))
    }
    return made
  }

  private func newNames(in groups: Set<ObjectCatalog>, on connection: Connection)
    throws(PostgresError) -> Set<String>
  {
    var names: Set<String> = []
    var whole = ObjectSnapshot()
    try whole.refresh(Array(groups), on: connection)
    for (group, after) in whole.groups {
      let before = start.groups[group] ?? [:]
      for (key, object) in after where before[key] == nil { names.insert(object.fullName) }
    }
    return names
  }
}
