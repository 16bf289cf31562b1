internal import Postgres

/// Finds the objects that have gone and whose going nothing else implies.
///
/// A view that is dropped and made again under its name has not gone; what belonged to it is
/// compared by name with what belongs to the new one.
struct GoneObjects {
  private typealias Key = CatalogObject.Key
  /// An object that has gone, and its group.
  private struct Item {
    let group: ObjectCatalog
    let object: CatalogObject
    /// What it was called when the migration began, as the server keeps it.
    let name: String

    var isRelation: Bool { group == .relations && object.key.property.isEmpty }
    var isColumn: Bool { group == .columns && object.key.property.isEmpty }

    /// True where another relation or column has its name: that is cheaper than to list all.
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
  /// Those that have gone for good; no later look tells them once more.
  private var known: Set<Key> = []

  /// Remembers what belongs to what.
  init(since start: ObjectSnapshot, on connection: Connection) throws(PostgresError) {
    self.start = start
    containment = try Containment.read(connection)
  }

  /// What has gone since the last look.
  ///
  /// - Parameter names: what objects were called when the migration began.
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
      // What has come back may go again.
      if isNamed || !back.contains(object.key) || object.holdsData && !object.isMember {
        known.insert(object.key)
      }
    }
    return found
  }

  /// True where what was made anew does not stand for it, and nothing that has gone implies it.
  private func mustBeNamed(_ object: CatalogObject, containers: [Key], _ back: Set<Key>) -> Bool {
    guard containers.isEmpty else {
      // Rows, columns and numbers go with their table, be there a new one or not.
      return containers.allSatisfy(back.contains) && (object.isMember || !object.holdsData)
        && !back.contains(object.key)
    }
    // A GRANT to PUBLIC takes nothing away; no transaction drops a database.
    if ["revoke", "database"].contains(object.kind) { return false }
    return object.holdsData || !back.contains(object.key)
  }

  /// The names of what has come into being, as far as something that has gone may have had one.
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
