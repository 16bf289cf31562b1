internal import Postgres

/// All objects of a database at one moment, in groups.
struct ObjectSnapshot {
  typealias Key = CatalogObject.Key

  private(set) var groups: [ObjectCatalog: [Key: CatalogObject]] = [:]

  /// Reads all objects.
  static func read(_ connection: Connection) throws(PostgresError) -> ObjectSnapshot {
    var snapshot = ObjectSnapshot()
    try snapshot.refresh(Array(ObjectCatalog.allCases), on: connection)
    return snapshot
  }

  /// Reads some groups of objects again.
  ///
  /// Of the relations, only those with numbers up to `last` are read, or all where `last` is nil.
  mutating func refresh(_ stale: [ObjectCatalog], upTo last: Int? = nil, on connection: Connection)
    throws(PostgresError)
  {
    for group in stale {
      groups[group] = try Self.objects(of: group, upTo: last, on: connection)
    }
  }

  /// The number of the newest relation; at least 16384, where the numbers of users' objects begin.
  var lastRelation: Int {
    (groups[.relations] ?? [:]).keys.reduce(16_384) { max($0, $1.object) }
  }

  /// Returns the object with a key, in whatever group it is; nil where there is no such object.
  subscript(key: Key) -> CatalogObject? {
    for objects in groups.values {
      if let found = objects[key] { return found }
    }
    return nil
  }

  /// Returns the table or other relation with a number; nil where there is no such relation.
  func relation(_ number: Int) -> CatalogObject? {
    groups[.relations]?[Key(catalog: Self.relationCatalog, object: number)]
  }

  /// Returns true where a relation, column or schema has another name than in an earlier snapshot.
  func hasOtherNames(than earlier: ObjectSnapshot, in groups: [ObjectCatalog]) -> Bool {
    groups.contains { group in
      (self.groups[group] ?? [:]).contains { key, object in
        guard key.property.isEmpty, group != .others || object.kind == "schema",
          let before = earlier.groups[group]?[key]
        else { return false }
        return before.identity != object.identity
      }
    }
  }

  /// Returns the columns of a table, in the order of their numbers.
  func columns(of table: Int) -> [CatalogObject] {
    (groups[.columns] ?? [:]).values
      .filter { $0.key.object == table && $0.key.property.isEmpty }
      .sorted { $0.key.part < $1.key.part }
  }

  /// The number of `pg_class`, which is the same on every server.
  static let relationCatalog = 1259

  private static func objects(
    of group: ObjectCatalog, upTo last: Int?, on connection: Connection
  ) throws(PostgresError) -> [Key: CatalogObject] {
    let rows = try connection.query(group.query(on: connection, upTo: last))
    var found: [Key: CatalogObject] = [:]
    found.reserveCapacity(rows.rowCount)
    for row in 0..<rows.rowCount {
      // Another session may have dropped the object while the list was read.
      guard let identity: String = try rows.optional(row, 5) else { continue }
      var owner: Key?
      if let catalog: Int = try rows.optional(row, 6) {
        owner = Key(
          catalog: catalog, object: try rows.value(row, 7), part: try rows.value(row, 8))
      }
      let object = CatalogObject(
        key: Key(
          catalog: try rows.value(row, 0), object: try rows.value(row, 1),
          part: try rows.value(row, 2), property: try rows.value(row, 3)),
        kind: try rows.value(row, 4), identity: identity, owner: owner,
        node: try rows.value(row, 9), detail: try rows.value(row, 10))
      found[object.key] = object
    }
    return found
  }
}

/// The objects that are parts of other objects.
///
/// A part is dropped together with the object that contains it, and its loss is not named
/// separately.
struct Containment {
  private var containers: [CatalogObject.Key: [CatalogObject.Key]] = [:]

  /// Reads which objects are parts, from the automatic, internal, partition and extension
  /// dependencies in `pg_depend`.
  static func read(_ connection: Connection) throws(PostgresError) -> Containment {
    let rows = try connection.query(
      """
      SELECT classid::bigint, objid::bigint, objsubid, refclassid::bigint, refobjid::bigint,
             refobjsubid
      FROM pg_depend WHERE deptype IN ('a', 'i', 'P', 'S', 'e') AND objid >= 16384
      """)
    var containment = Containment()
    for row in 0..<rows.rowCount {
      let part = CatalogObject.Key(
        catalog: try rows.value(row, 0), object: try rows.value(row, 1),
        part: try rows.value(row, 2))
      let whole = CatalogObject.Key(
        catalog: try rows.value(row, 3), object: try rows.value(row, 4),
        part: try rows.value(row, 5))
      containment.containers[part, default: []].append(whole)
    }
    return containment
  }

  /// Finds the dropped objects that contain an object.
  func containers(of object: CatalogObject, among gone: Set<CatalogObject.Key>)
    -> [CatalogObject.Key]
  {
    var found = [object.key.whole, object.key.bare]
    if let right = object.key.withoutOption { found.append(right) }
    if let owner = object.owner { found += [owner, owner.whole] }
    if object.key.property.isEmpty {
      for whole in containers[object.key] ?? [] {
        found.append(whole.whole)
        // A default and a sequence are dropped with their column; indexes and constraints are named
        // separately.
        if ["default value", "sequence"].contains(object.kind) { found.append(whole) }
      }
    }
    return found.filter { $0 != object.key && gone.contains($0) }
  }
}
