internal import SQLText
internal import MigrationFiles
internal import OwnSchema
internal import Postgres

/// Finds the losses in a database since this value was created: removed objects, and removed rows
/// of tables that still exist.
///
/// The losses are found by comparing the catalogue and the session's counts of written rows, not by
/// reading the text of the statements.
final class LossFinder {
  let connection: Connection
  /// The objects when this value was created.
  let start: ObjectSnapshot
  private(set) var now: ObjectSnapshot
  private var goneObjects: GoneObjects
  /// The objects when the current migration began; their names of that time are reported.
  private var names: ObjectSnapshot
  private var definitions: DefinitionFinder
  private var base = RowActivity()
  private var seen = RowActivity()
  private var reported: [Int: RowActivity.Counts] = [:]
  private var files: [Int: Int] = [:]
  private var baseFiles: [Int: Int] = [:]
  private var reportedForeign: Set<Int> = []
  private var reportedLargeObjects = 0
  private var reportedPieces = 0
  private var reportedCatalogues: Set<String> = []
  /// The names of the system catalogues whose indexes were locked for writing; each key is the
  /// number of an index.
  private var catalogues: [Int: String] = [:]
  private var askedAbout: Set<Int> = []
  /// The system catalogues that a statement of the open transaction names as the table that it
  /// writes to.
  private var writtenCatalogues: Set<String> { Set(locks.system.compactMap { catalogues[$0] }) }
  private var locks = WriteLocks()
  /// True after the server may have stopped counting written rows (`track_counts`), even for a
  /// moment.
  private(set) var mayMiscount = false
  /// The functions that may stop the server's counting of written rows.
  private let countingSwitches: FunctionReach
  /// True where the next statements may write rows that no count shows.
  private var readsLocks = true
  /// The tables whose rows must be examined, because the server may not have counted all changes.
  private var uncounted: Set<Int> = []
  /// True while a migration installs or upgrades the program's own schema; changes of functions and
  /// other objects in that schema are then no losses.
  private var installsOwnSchema = false
  /// The number of the first examined transaction; rows of earlier transactions existed before.
  private(set) var youngest = 0
  /// The number of the newest relation that existed when this value was created.
  private let last: Int
  /// True where a constraint or trigger may be deferred until COMMIT.
  var mayDefer: Bool

  /// Reads all objects that exist now.
  init(_ connection: Connection) throws(PostgresError) {
    self.connection = connection
    start = try ObjectSnapshot.read(connection)
    now = start
    names = start
    last = start.lastRelation
    goneObjects = try GoneObjects(since: start, on: connection)
    definitions = try DefinitionFinder(since: start, on: connection)
    mayDefer =
      try connection.scalar("SELECT EXISTS (SELECT FROM pg_constraint WHERE condeferrable)")
      ?? true
    countingSwitches = try FunctionReach.read(matching: Self.countingSetting, on: connection) {
      let isSwitch =
        $0.settings.contains(Self.countingSetting) || $0.code.words.contains(Self.countingSetting)
      return isSwitch ? Self.countingSetting : nil
    }
    files = currentFiles()
    baseFiles = files
  }

  /// Begins to examine a transaction, before its first statement.
  ///
  /// - Parameters:
  /// - activity: the counts of written rows at this moment.
  /// - inSavepoints: true where the statements run in savepoints; rows that are written in a
  ///   savepoint have a newer transaction number.
  func begin(from activity: RowActivity, inSavepoints: Bool = false) {
    base = activity
    if !base.isCounted { mayMiscount = true }
    locks = WriteLocks()
    uncounted = []
    youngest = (base.transaction + (inSavepoints ? 1 : 0)) & Int(UInt32.max)
    seen = base
    reported = [:]
    baseFiles = files
    (reportedLargeObjects, reportedPieces, reportedCatalogues) = (0, 0, [])
  }

  /// Prepares for the statements of a section: notes whether one of them may stop the server's
  /// counting of written rows.
  func prepare(for section: MigrationSection) {
    names = now
    installsOwnSchema = section.installsOwnSchema
    mayMiscount =
      mayMiscount || section.text.lowercased().contains(Self.countingSetting)
      || section.statements.contains { countingSwitches.effect(of: $0) != nil }
    // For plain definitions, the check at the end of a trial is enough.
    readsLocks =
      mayMiscount || hasForeignTables || !section.statements.allSatisfy(\.isPlain)
  }

  private lazy var hasForeignTables = (start.groups[.relations] ?? [:]).values.contains {
    $0.kind == "foreign table"
  }

  /// Marks a table so that its rows are examined, because the trial has examined them, too.
  func recount(_ table: Int) { uncounted.insert(table) }

  private static let countingSetting = "track_counts"

  /// Reads the present counts of written rows, to be passed to `forget(since:)` later.
  func mark() throws(PostgresError) -> RowActivity {
    try RowActivity(try connection.query(activity))
  }

  /// The query for the present counts of written rows.
  var activity: SQL { LossesQueries.rowActivity(last: last) }

  /// Makes later counts leave out the changes since `mark`, because they were rolled back.
  func forget(since mark: RowActivity) throws(PostgresError) {
    let undone = try self.mark().change(since: mark)
    base.add(undone)
  }

  /// Finds the losses since the last check; must be called in the transaction that causes them.
  ///
  /// Everything that is deferred until COMMIT must have been run before this call.
  ///
  /// - Parameter readsEverything: true where the whole catalogue is read, even if the server has
  ///   counted no change of it.
  func look(readsEverything: Bool = false) throws(PostgresError) -> Findings {
    // Most definitions change `pg_class`: the same exchange asks whether earlier objects have
    // changed.
    let answers = try connection.query(each: [activity, isChanged(Self.keys[0])])
    let activity = try RowActivity(answers[0])
    var findings = Findings()
    let earlier = locks
    if readsLocks || readsEverything { locks = try WriteLocks.read(connection, upTo: last) }
    let unknown = locks.system.subtracting(askedAbout)
    catalogues.merge(try WriteLocks.catalogues(of: unknown, on: connection)) { $1 }
    askedAbout.formUnion(unknown)
    try noteMiscount(activity, since: earlier)
    let changed = try changedCatalogues(
      activity, changesRelations: try answers[1].value(0, 0))
    let changesRoles = changed.updated.contains(ObjectDefinitions.roles)
    if changesRoles { try definitions.rolesHaveChanged() }
    let defines = !ObjectDefinitions.sources.isDisjoint(
      with: changed.updated.union(changed.deleted))
    var stale = staleGroups(changed.updated.union(changed.deleted))
    // An object was locked so that it can be changed, but no change of it was counted.
    let readsAll = mayMiscount || readsEverything || stale.isEmpty && locks.strong > earlier.strong
    // What databases share may have been changed by a session of another database.
    let sharedChanges = mayMiscount ? nil : changedSharedCatalogues(activity)
    if readsAll {
      stale = ObjectCatalog.allCases.filter { group in
        sharedChanges.map { !group.isOfServer || !group.sources.isDisjoint(with: $0) } ?? true
      }
    }
    seen = activity
    if defines || readsAll {
      findings.definitions = try definitions.find(
        exceptOwn: installsOwnSchema, sharedChanges: sharedChanges)
    }
    if !stale.isEmpty {
      try refresh(stale)
      findings.gone = try newlyGone()
    }
    findings.touched = touched(by: activity, mayHaveOtherFiles: stale.contains(.relations))
    findings.largeObjects = largeObjects(in: activity)
    findings.foreign = writtenForeignTables()
    let written = writtenCatalogues.subtracting(reportedCatalogues).subtracting(["pg_largeobject"])
    reportedCatalogues.formUnion(written)
    if changesRoles, !definitions.includesPasswords {
      findings.unknownReason =
        "the statement changes a role, and the role that has connected may not read passwords"
    }
    if !written.isEmpty {
      findings.unknownReason =
        "the statement writes to the server's own catalogue "
        + "\(written.sorted().joined(separator: ", "))"
    }
    return findings
  }

  /// Finds the tables that were written to although the server has counted no change of their rows.
  private func noteMiscount(_ activity: RowActivity, since earlier: WriteLocks)
    throws(PostgresError)
  {
    if !activity.isCounted { mayMiscount = true }
    let silent = locks.written.subtracting(earlier.written).filter { number in
      activity.tables[number] == nil && start.relation(number)?.detail == "r"
    }
    uncounted.formUnion(try WriteLocks.uncounted(silent, on: connection))
    if mayMiscount { uncounted.formUnion(locks.written) }
  }

  /// Finds the objects that were removed by a statement that committed by itself; rows are not
  /// counted.
  ///
  /// - Parameter afterProcedure: true after a DO or CALL, which may do anything. No other statement
  ///   removes objects that all databases share: where such an object is missing, another session
  ///   has removed it.
  func lookAfterCommit(afterProcedure: Bool) throws(PostgresError) -> [CatalogObject] {
    try now.refresh(
      ObjectCatalog.allCases.filter { afterProcedure || !$0.isOfServer }, on: connection)
    files = currentFiles()
    return try newlyGone()
  }

  // MARK: Objects

  /// Finds the catalogues in which rows of earlier objects were changed or deleted.
  ///
  /// Creating a table or an index also changes catalogue rows of the new object, which cannot be
  /// losses.
  ///
  /// - Parameter changesRelations: true where rows of earlier relations were changed in `pg_class`.
  private func changedCatalogues(_ activity: RowActivity, changesRelations: Bool)
    throws(PostgresError) -> (updated: Set<String>, deleted: Set<String>)
  {
    var changed = activity.changedCatalogues(since: seen)
    if !changesRelations { changed.updated.remove(Self.keys[0].catalogue) }
    let others = Self.keys.dropFirst().filter { changed.updated.contains($0.catalogue) }
    guard !others.isEmpty else { return changed }
    let answers = try connection.query(each: others.map(isChanged))
    for (key, answer) in zip(others, answers) where try !answer.value(0, 0, as: Bool.self) {
      changed.updated.remove(key.catalogue)
    }
    return changed
  }

  /// The catalogues whose rows describe relations, each with the column of the relation's number.
  private static let keys: [(catalogue: String, relation: String)] = [
    ("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_sequence", "seqrelid"),
  ]

  /// Returns the query that tells whether rows that describe earlier relations were changed in a
  /// catalogue.
  private func isChanged(_ key: (catalogue: String, relation: String)) -> SQL {
    """
    SELECT EXISTS (SELECT FROM \(Identifier(key.catalogue)) c
      WHERE c.\(Identifier(key.relation)) <= \(last)::bigint::oid
        AND age(c.xmin) <= age(\("\(youngest)")::text::xid))
    """
  }

  /// Returns the groups of objects that must be read again, because one of their catalogues has
  /// changed.
  private func staleGroups(_ changed: Set<String>) -> [ObjectCatalog] {
    ObjectCatalog.allCases.filter { !$0.sources.isDisjoint(with: changed) }
  }

  /// Returns all catalogues in which the transaction has changed or deleted rows.
  private func changedSharedCatalogues(_ activity: RowActivity) -> Set<String> {
    let changed = activity.changedCatalogues(since: base)
    return changed.updated.union(changed.deleted)
  }

  /// Reads groups of objects again; where an object was renamed, also the groups whose names may
  /// contain that object's name.
  private func refresh(_ stale: [ObjectCatalog]) throws(PostgresError) {
    let before = now
    try now.refresh(stale, upTo: last, on: connection)
    let others = [ObjectCatalog.relations, .columns, .others, .access].filter {
      !stale.contains($0)
    }
    if !others.isEmpty, now.hasOtherNames(than: before, in: stale) {
      try now.refresh(others, upTo: last, on: connection)
    }
  }

  private func newlyGone() throws(PostgresError) -> [CatalogObject] {
    try goneObjects.find(in: now, names: names, on: connection)
      .filter { !isOwnWork($0) }
      .sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
  }

  private func isOwnWork(_ object: CatalogObject) -> Bool {
    installsOwnSchema && !object.holdsData
      && object.identity.contains("\(FerrySchema.name.name).")
  }

  // MARK: Rows

  private func touched(by activity: RowActivity, mayHaveOtherFiles: Bool) -> [Touch] {
    let changes = activity.change(since: base)
    let earlierFiles = files
    if mayHaveOtherFiles { files = currentFiles() }
    let fresh =
      mayHaveOtherFiles ? files.keys.filter { files[$0] != earlierFiles[$0] } : []
    var found: [Touch] = []
    for number in Set(changes.keys).union(fresh).union(uncounted) {
      // Rows of a table that this run has created did not exist before.
      guard let table = start.relation(number), table.holdsRows, files[number] != nil else {
        continue
      }
      // A view that was not filled had no rows; one that is not filled now is a loss of its own.
      if table.isMaterialized, !(isFilled(number, in: start) && isFilled(number, in: now)) {
        continue
      }
      let counts = changes[number] ?? RowActivity.Counts()
      let news = counts - (reported[number] ?? RowActivity.Counts())
      reported[number] = counts
      let isCounted = !mayMiscount && !uncounted.contains(number)
      guard news.updated > 0 || news.deleted > 0 || fresh.contains(number) || !isCounted else {
        continue
      }
      if installsOwnSchema, table.identity.hasPrefix("\(FerrySchema.name.name).") { continue }
      var touch = Touch(
        table: table.named(as: names.relation(number)), counts: counts, news: news,
        hasOtherFile: files[number] != baseFiles[number], isCounted: isCounted)
      if touch.changesValues {
        for column in names.columns(of: number) { touch.columns[column.key.part] = column.name }
      }
      found.append(touch)
    }
    return found.sorted { $0.table.name < $1.table.name }
  }

  /// Returns true for a materialized view that has been filled, so that it can be read.
  private func isFilled(_ view: Int, in snapshot: ObjectSnapshot) -> Bool {
    let key = CatalogObject.Key(
      catalog: ObjectSnapshot.relationCatalog, object: view, property: "rows")
    return snapshot.groups[.relations]?[key] != nil
  }

  /// Returns the number of the present file of each table that existed at the beginning and still
  /// exists.
  private func currentFiles() -> [Int: Int] {
    var found: [Int: Int] = [:]
    for (key, before) in start.groups[.relations] ?? [:]
    where key.property.isEmpty && before.holdsRows {
      if let after = now.groups[.relations]?[key] { found[key.object] = after.node }
    }
    return found
  }

  /// The sequences that existed at the beginning and may have another position now, each with its
  /// present name.
  var movedSequences: [(was: CatalogObject, isCalled: String)] {
    (start.groups[.relations] ?? [:]).values.filter { $0.kind == "sequence" }.compactMap { was in
      guard let after = now.relation(was.key.object) else { return nil }
      let isMoved = locks.written.contains(was.key.object) || after.node != was.node
      return isMoved ? (was, after.identity) : nil
    }.sorted { $0.was.name < $1.was.name }
  }

  /// Counts the large objects that were deleted or overwritten since the last check; returns nil
  /// where there are none.
  private func largeObjects(in activity: RowActivity) -> Loss.Count? {
    var (whole, pieces) = (0, 0)
    for (number, change) in activity.change(since: base) {
      switch activity.catalogues[number] {
      case "pg_largeobject_metadata": whole += change.deleted
      case "pg_largeobject":
        whole += change.updated
        pieces += change.deleted
      default: break
      }
    }
    let (news, pieceNews) = (whole - reportedLargeObjects, pieces - reportedPieces)
    (reportedLargeObjects, reportedPieces) = (whole, pieces)
    if mayMiscount, locks.includeLargeObjects || writtenCatalogues.contains("pg_largeobject") {
      return .unknown
    }
    if news > 0 { return .exactly(news) }
    // A large object was shortened, or rows were deleted from the catalogue: the number of objects
    // is not known.
    return pieceNews > 0 ? .unknown : nil
  }

  /// Finds the foreign tables that may have been written to.
  ///
  /// The rows are on another server and cannot be counted here; only a lock shows that the table
  /// may have been written to.
  private func writtenForeignTables() -> [CatalogObject] {
    let found = (start.groups[.relations] ?? [:]).values.filter { table in
      table.kind == "foreign table" && locks.written.contains(table.key.object)
        && !reportedForeign.contains(table.key.object)
    }
    reportedForeign.formUnion(found.map(\.key.object))
    return found.sorted { $0.name < $1.name }
  }
}

extension CatalogObject {
  /// The order in reports: tables first, then columns, then all others.
  fileprivate var rank: Int {
    switch kind {
    case "table", "foreign table", "materialized view": 0
    case "table column", "foreign table column": 1
    default: 2
    }
  }
}
