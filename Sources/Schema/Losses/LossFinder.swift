internal import SQLText
internal import MigrationFiles
internal import OwnSchema
internal import Postgres

/// Finds what has gone from a database since it was made: objects, and rows of what is left.
///
/// It compares the catalogue and the session's own counts; what the statement was does not matter.
final class LossFinder {
  let connection: Connection
  /// The objects as they stood.
  let start: ObjectSnapshot
  private(set) var now: ObjectSnapshot
  private var goneObjects: GoneObjects
  /// What everything was called when the migration began that is looked at.
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
  /// The catalogues by their indexes, as far as one of those was locked for writing.
  private var catalogues: [Int: String] = [:]
  private var askedAbout: Set<Int> = []
  /// Those that statements of the open transaction have written to by themselves.
  private var writtenCatalogues: Set<String> { Set(locks.system.compactMap { catalogues[$0] }) }
  private var locks = WriteLocks()
  /// True from where the server's counting may have been off (`track_counts`), even for a moment.
  private(set) var mayMiscount = false
  /// The functions that switch it off.
  private let countingSwitches: FunctionReach
  /// True where the statements that come next may do what no count tells.
  private var readsLocks = true
  /// Tables that were written to while nothing was counted.
  private var uncounted: Set<Int> = []
  /// True while the program's own schema is brought up: its functions and the like are its own.
  private var installsOwnSchema = false
  /// The number of the first transaction that is looked at; what it has written is no older.
  private(set) var youngest = 0
  /// The newest relation that was there.
  private let last: Int
  /// True where something may wait for COMMIT: a constraint or trigger that is deferrable.
  var mayDefer: Bool

  /// Remembers everything that is there.
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

  /// Begins to count: at the first statement of a transaction that is looked at as a whole.
  ///
  /// - Parameter inSavepoints: what is looked at comes in savepoints, which have newer numbers.
  func begin(inSavepoints: Bool = false) throws(PostgresError) {
    base = try RowActivity.read(connection, upTo: last)
    if !base.isCounted { mayMiscount = true }
    locks = WriteLocks()
    uncounted = []
    youngest = (base.transaction + (inSavepoints ? 1 : 0)) & Int(UInt32.max)
    seen = base
    reported = [:]
    baseFiles = files
    (reportedLargeObjects, reportedPieces, reportedCatalogues) = (0, 0, [])
  }

  /// Notes which statements come next: whether they may switch the server's counting off.
  func prepare(for section: MigrationSection) {
    names = now
    installsOwnSchema = section.installsOwnSchema
    mayMiscount =
      mayMiscount || section.text.lowercased().contains(Self.countingSetting)
      || section.statements.contains { countingSwitches.effect(of: $0) != nil }
    // Of plain definitions the look at the end of a trial is enough.
    readsLocks =
      mayMiscount || hasForeignTables || !section.statements.allSatisfy(\.isPlain)
  }

  private lazy var hasForeignTables = (start.groups[.relations] ?? [:]).values.contains {
    $0.kind == "foreign table"
  }

  /// Has the rows of a table looked at themselves, as a preview had to.
  func recount(_ table: Int) { uncounted.insert(table) }

  private static let countingSetting = "track_counts"

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
  ///
  /// - Parameter readsEverything: the whole catalogue is read, whatever the server has counted.
  func look(readsEverything: Bool = false) throws(PostgresError) -> Findings {
    let activity = try mark()
    var findings = Findings()
    let earlier = locks
    if readsLocks || readsEverything { locks = try WriteLocks.read(connection, upTo: last) }
    let unknown = locks.system.subtracting(askedAbout)
    catalogues.merge(try WriteLocks.catalogues(of: unknown, on: connection)) { $1 }
    askedAbout.formUnion(unknown)
    try noteMiscount(activity, since: earlier)
    let changed = try changedCatalogues(activity)
    let changesRoles = changed.updated.contains(ObjectDefinitions.roles)
    if changesRoles { try definitions.rolesHaveChanged() }
    let defines = !ObjectDefinitions.sources.isDisjoint(
      with: changed.updated.union(changed.deleted))
    var stale = staleGroups(changed.updated.union(changed.deleted))
    // What was locked so that it can be changed, and of which no change was counted.
    if readsEverything || stale.isEmpty && locks.strong > earlier.strong {
      stale = ObjectCatalog.allCases
    }
    seen = activity
    if defines || stale == ObjectCatalog.allCases {
      findings.definitions = try definitions.find(exceptOwn: installsOwnSchema)
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
        "it changes a role, and the role that has connected may not read passwords"
    }
    if !written.isEmpty {
      findings.unknownReason =
        "it writes to the server's own catalogue \(written.sorted().joined(separator: ", "))"
    }
    return findings
  }

  /// Finds out whether rows were written that nobody has counted.
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

  /// Looks at the objects that have gone with what committed by itself; its rows nobody counts.
  ///
  /// - Parameter afterProcedure: it was a DO or CALL, which may do anything. Any other statement takes
  ///   nothing away that databases share: what is gone of that was another session's work.
  func lookAfterCommit(afterProcedure: Bool) throws(PostgresError) -> [CatalogObject] {
    try now.refresh(
      ObjectCatalog.allCases.filter { afterProcedure || !$0.isOfServer }, on: connection)
    files = currentFiles()
    return try newlyGone()
  }

  // MARK: Objects

  /// The catalogues of which rows were changed or deleted that were there before.
  private func changedCatalogues(_ activity: RowActivity) throws(PostgresError)
    -> (updated: Set<String>, deleted: Set<String>)
  {
    var changed = activity.changedCatalogues(since: seen)
    // Making a table or an index changes rows of what was just made, which cannot have been lost.
    let keys = [("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_sequence", "seqrelid")]
      .filter { changed.updated.contains($0.0) }
    guard !keys.isEmpty else { return changed }
    let questions = keys.map { name, number -> SQL in
      """
      EXISTS (SELECT FROM \(Identifier(name)) c
        WHERE c.\(Identifier(number)) <= \(last)::bigint::oid
          AND age(c.xmin) <= age(\("\(youngest)")::text::xid))
      """
    }
    let row = try connection.query("SELECT \(SQL.joined(questions, separator: ", "))")
    for (index, key) in keys.enumerated() where try !row.value(0, index, as: Bool.self) {
      changed.updated.remove(key.0)
    }
    return changed
  }

  /// The groups of objects of which one that was there may be gone or changed.
  private func staleGroups(_ changed: Set<String>) -> [ObjectCatalog] {
    guard !mayMiscount else { return ObjectCatalog.allCases }
    return ObjectCatalog.allCases.filter { !$0.sources.isDisjoint(with: changed) }
  }

  /// Reads groups again; where something was renamed, also what is named by it.
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
      // Rows of what was made by this run are none that were there.
      guard let table = start.relation(number), table.holdsRows, files[number] != nil else {
        continue
      }
      // What holds no rows has had its own word.
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

  /// True for a materialized view that was not left empty WITH NO DATA.
  private func isFilled(_ view: Int, in snapshot: ObjectSnapshot) -> Bool {
    let key = CatalogObject.Key(
      catalog: ObjectSnapshot.relationCatalog, object: view, property: "rows")
    return snapshot.groups[.relations]?[key] != nil
  }

  /// The files of the tables that were there and still are.
  private func currentFiles() -> [Int: Int] {
    var found: [Int: Int] = [:]
    for (key, before) in start.groups[.relations] ?? [:]
    where key.property.isEmpty && before.holdsRows {
      if let after = now.groups[.relations]?[key] { found[key.object] = after.node }
    }
    return found
  }

  /// The sequences that were there and may stand elsewhere now.
  var movedSequences: [(was: CatalogObject, isCalled: String)] {
    (start.groups[.relations] ?? [:]).values.filter { $0.kind == "sequence" }.compactMap { was in
      guard let after = now.relation(was.key.object) else { return nil }
      let isMoved = locks.written.contains(was.key.object) || after.node != was.node
      return isMoved ? (was, after.identity) : nil
    }.sorted { $0.was.name < $1.was.name }
  }

  /// Large objects deleted or overwritten since the last look.
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
    // Cut short, or taken from the catalogue by hand: of how many is not known.
    return pieceNews > 0 ? .unknown : nil
  }

  /// What another server keeps is counted by nobody here; a lock tells that it may be written to.
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
  /// Tables first, then columns, then all else.
  fileprivate var rank: Int {
    switch kind {
    case "table", "foreign table", "materialized view": 0
    case "table column", "foreign table column": 1
    default: 2
    }
  }
}
