internal import Postgres

/// Finds what has gone from a database since it was made: objects, and rows of what is left.
///
/// It compares the catalogue and the session's own counts; what the statement was does not matter.
final class LossFinder {
  /// What has happened to the rows of a table that was there before.
  struct Touch: Equatable {
    /// The table as it was.
    let table: CatalogObject
    /// Rows that came, were overwritten and went; TRUNCATE makes `inserted` begin anew.
    let counts: RowActivity.Counts
    /// The same since the last look.
    let news: RowActivity.Counts
    /// True where it has another file: it was emptied, or written anew.
    let hasOtherFile: Bool

    /// True where rows that stay may hold other values now.
    var changesValues: Bool { hasOtherFile || news.updated > 0 }
  }

  /// What a look has found that no earlier one had.
  struct Findings {
    /// Objects that have gone and whose going nothing else implies.
    var gone: [CatalogObject] = []
    /// Tables whose rows may have gone or changed.
    var touched: [Touch] = []
    /// Large objects that were deleted or overwritten.
    var largeObjects = 0
    /// Foreign tables that may have been written to.
    var foreign: [CatalogObject] = []
    /// Why rows that went may have been missed; nil where none can have been.
    var doubt: String?
  }

  let connection: Connection
  /// The objects as they stood.
  let start: ObjectSnapshot
  private(set) var now: ObjectSnapshot
  private let belongings: Belongings
  private var base = RowActivity()
  private var seen = RowActivity()
  private var known: Set<CatalogObject.Key> = []
  private var told: [Int: RowActivity.Counts] = [:]
  private var files: [Int: Int] = [:]
  private var baseFiles: [Int: Int] = [:]
  private var toldForeign: Set<Int> = []
  private var toldLargeObjects = 0
  /// True while the program's own schema is brought up: its functions and the like are its own.
  var installsOwnSchema = false
  /// The number of the first transaction that is looked at; what it has written is no older.
  private var youngest = 0
  /// The newest relation that was there.
  private let last: Int
  /// True where something may wait for COMMIT: a constraint or trigger that is deferrable.
  private var mayDefer: Bool

  /// Remembers everything that is there.
  init(_ connection: Connection) throws(PostgresError) {
    self.connection = connection
    start = try ObjectSnapshot.read(connection)
    now = start
    last = start.lastRelation
    belongings = try Belongings.read(connection)
    mayDefer =
      try connection.scalar("SELECT EXISTS (SELECT FROM pg_constraint WHERE condeferrable)")
      ?? true
    files = currentFiles()
    baseFiles = files
  }

  /// Begins to count: at the first statement of a transaction that is looked at as a whole.
  ///
  /// - Parameter inSavepoints: what is looked at comes in savepoints, which have newer numbers.
  func begin(inSavepoints: Bool = false) throws(PostgresError) {
    base = try RowActivity.read(connection, upTo: last)
    youngest = (base.transaction + (inSavepoints ? 1 : 0)) & Int(UInt32.max)
    seen = base
    told = [:]
    baseFiles = files
    toldLargeObjects = 0
  }

  /// Fires what waits for COMMIT, as the role that is set.
  ///
  /// - Returns: false where nothing can have waited.
  func fireDeferred(of section: MigrationSection) throws(PostgresError) -> Bool {
    mayDefer = mayDefer || section.text.uppercased().contains("DEFERRABLE")
    if mayDefer { try connection.execute(script: "SET CONSTRAINTS ALL IMMEDIATE") }
    return mayDefer
  }

  /// The counts now, for `forget(since:)`.
  func mark() throws(PostgresError) -> RowActivity {
    try RowActivity.read(connection, upTo: last)
  }

  /// Leaves out what was done since a mark and has been rolled back.
  func forget(since mark: RowActivity) throws(PostgresError) {
    let undone = try self.mark().change(since: mark)
    base.add(undone)
  }

  /// Looks at what has gone since the last look, in the transaction that did it.
  ///
  /// What COMMIT would fire must have been fired.
  func look() throws(PostgresError) -> Findings {
    let activity = try mark()
    var findings = Findings()
    if !activity.isCounted {
      findings.doubt = "the server does not count rows for this session (track_counts is off)"
    }
    let stale = try staleGroups(activity)
    seen = activity
    if !stale.isEmpty {
      try now.refresh(stale, upTo: last, on: connection)
      findings.gone = try newlyGone()
    }
    findings.touched = touched(by: activity, mayHaveOtherFiles: stale.contains(.relations))
    let large = largeObjects(in: activity)
    findings.largeObjects = large - toldLargeObjects
    toldLargeObjects = large
    findings.foreign = try writtenForeignTables()
    return findings
  }

  /// Looks at the objects that have gone with what committed by itself; its rows nobody counts.
  func lookBehind() throws(PostgresError) -> [CatalogObject] {
    try now.refresh(ObjectCatalog.allCases, on: connection)
    files = currentFiles()
    return try newlyGone()
  }

  // MARK: Objects

  /// The groups of objects of which one that was there may be gone or changed.
  private func staleGroups(_ activity: RowActivity) throws(PostgresError) -> [ObjectCatalog] {
    guard activity.isCounted, seen.isCounted else { return ObjectCatalog.allCases }
    let changed = activity.changedCatalogues(since: seen)
    var updated = changed.updated
    // Making a table or an index changes rows of what was just made, which cannot have been lost.
    for (name, number) in [("pg_class", "oid"), ("pg_attribute", "attrelid")]
    where updated.contains(name) {
      let isOurs: Bool? = try connection.scalar(
        """
        SELECT EXISTS (SELECT FROM \(Identifier(name)) c
          WHERE c.\(Identifier(number)) BETWEEN 16384 AND \(last)::bigint::oid
            AND age(c.xmin) <= age(\("\(youngest)")::text::xid))
        """)
      if isOurs != true { updated.remove(name) }
    }
    let all = updated.union(changed.deleted)
    return ObjectCatalog.allCases.filter { !$0.sources.isDisjoint(with: all) }
  }

  private func newlyGone() throws(PostgresError) -> [CatalogObject] {
    var all: Set<CatalogObject.Key> = []
    var objects: [CatalogObject] = []
    for (group, before) in start.groups {
      let after = now.groups[group] ?? [:]
      for (key, object) in before where after[key] == nil {
        all.insert(key)
        if !known.contains(key) { objects.append(object) }
      }
    }
    guard !objects.isEmpty else { return [] }
    known.formUnion(objects.map(\.key))
    let replacements = try newNames()
    return objects.filter { object in
      !belongings.cover(object, among: all) && !isOwnWork(object)
        && (object.holdsData || !replacements.contains("\(object.kind) \(object.identity)"))
    }.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
  }

  private func isOwnWork(_ object: CatalogObject) -> Bool {
    installsOwnSchema && !object.holdsData
      && object.identity.contains("\(FerrySchema.name.name).")
  }

  /// The names of what has come into being: a function that was made anew has not gone.
  private func newNames() throws(PostgresError) -> Set<String> {
    var names: Set<String> = []
    let whole = try ObjectSnapshot.read(connection)
    for (group, after) in whole.groups {
      let before = start.groups[group] ?? [:]
      for (key, object) in after where before[key] == nil {
        names.insert("\(object.kind) \(object.identity)")
      }
    }
    return names
  }

  // MARK: Rows

  private func touched(by activity: RowActivity, mayHaveOtherFiles: Bool) -> [Touch] {
    let changes = activity.change(since: base)
    let earlierFiles = files
    if mayHaveOtherFiles { files = currentFiles() }
    let fresh =
      mayHaveOtherFiles ? files.keys.filter { files[$0] != earlierFiles[$0] } : []
    var found: [Touch] = []
    for number in Set(changes.keys).union(fresh) {
      // Rows of what was made by this run are none that were there.
      guard let table = start.relation(number), table.detail == "r", files[number] != nil else {
        continue
      }
      let counts = changes[number] ?? RowActivity.Counts()
      let news = counts - (told[number] ?? RowActivity.Counts())
      told[number] = counts
      guard news.updated > 0 || news.deleted > 0 || fresh.contains(number) else { continue }
      if installsOwnSchema, table.identity.hasPrefix("\(FerrySchema.name.name).") { continue }
      found.append(
        Touch(
          table: table, counts: counts, news: news,
          hasOtherFile: files[number] != baseFiles[number]))
    }
    return found.sorted { $0.table.name < $1.table.name }
  }

  /// The files of the tables that were there and still are.
  private func currentFiles() -> [Int: Int] {
    var found: [Int: Int] = [:]
    for (key, before) in start.groups[.relations] ?? [:]
    where key.property.isEmpty && before.detail == "r" {
      if let after = now.groups[.relations]?[key] { found[key.object] = after.node }
    }
    return found
  }

  private func largeObjects(in activity: RowActivity) -> Int {
    let changes = activity.change(since: base)
    return changes.reduce(0) { sum, change in
      switch activity.catalogues[change.key] {
      case "pg_largeobject_metadata": sum + change.value.deleted
      case "pg_largeobject": sum + change.value.updated
      default: sum
      }
    }
  }

  /// What another server keeps is counted by nobody here; a lock tells that it may be written to.
  private func writtenForeignTables() throws(PostgresError) -> [CatalogObject] {
    let tables = (start.groups[.relations] ?? [:]).values.filter {
      $0.kind == "foreign table" && !toldForeign.contains($0.key.object)
    }
    guard !tables.isEmpty else { return [] }
    let rows = try connection.query(
      """
      SELECT l.relation::bigint FROM pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation'
        AND l.mode = 'RowExclusiveLock'
      """)
    let locked = Set(
      try rows.map { (row) throws(PostgresError) in try rows.value(row, 0, as: Int.self) })
    let found = tables.filter { locked.contains($0.key.object) }
    toldForeign.formUnion(found.map(\.key.object))
    return found.sorted { $0.name < $1.name }
  }
}

extension CatalogObject {
  /// Tables first, then columns, then all else.
  fileprivate var rank: Int {
    switch kind {
    case "table", "foreign table", "materialized view": 0
    case "table column", "foreign table column": 1
    default: 2
    }
  }
}
