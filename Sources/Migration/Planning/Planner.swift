internal import Postgres
internal import Schema
public import Stores

/// Decides what a run will do, by reading stores and database and writing neither.
public struct Planner {
  private let options: MigrationOptions
  private let keys: KeyRing
  private let database: DatabaseState?

  /// A planner; without a database every store counts as new.
  public init(options: MigrationOptions, keys: KeyRing, database: DatabaseState?) {
    self.options = options
    self.keys = keys
    self.database = database
  }

  /// Plans the selected stores of `found`; `step` is told each store before it is read.
  ///
  /// In a dry run every store is read to its last value. A live run reads vectors' structure and
  /// all metadata here, and the values themselves when it carries them over.
  public func plan(
    found: [FoundStore], selected: [FoundStore], step: (FoundStore) throws -> Void
  ) throws -> MigrationPlan {
    let target = try target(for: found)
    var planned: [PlannedStore] = []
    for store in selected {
      try step(store)
      planned.append(try plan(store, target: target))
    }
    return MigrationPlan(target: target, stores: planned)
  }

  /// The table there is, or the one to make: wide enough for every store of the fleet, those
  /// included that this run leaves out, and never wider than an index can be.
  private func target(for found: [FoundStore]) throws -> MigrationPlan.Target {
    if let table = database?.table {
      if let wanted = options.dimensions, wanted != table.dimensions {
        throw Failure(
          .preflight,
          "table \(table.name) takes \(table.dimensions) dimensions, --dimensions asks for \(wanted)",
          remedy: "leave --dimensions out, or name another table with --table")
      }
      return .init(table: table.name, dimensions: table.dimensions, mustBeCreated: false)
    }
    let widest = found.compactMap { StorePeek($0).dimensions }.max()
    let limit = VectorTable.indexableDimensions
    let schema = database?.facts.currentSchema
    let name = QualifiedName(schema: options.table.schema ?? schema, options.table.name)
    return .init(
      table: name, dimensions: options.dimensions ?? min(widest ?? limit, limit),
      mustBeCreated: true)
  }

  private func plan(_ store: FoundStore, target: MigrationPlan.Target) throws -> PlannedStore {
    do {
      if let refusal = store.refusal { throw refusal }
      let digest = try SourceDigest(of: store)
      let entry = try ledgerEntry(for: store.name)
      let isDry = options.mode == .dryRun
      if let entry, !isDry, isUnchanged(entry, digest: digest, target: target) {
        return PlannedStore(
          store: store, action: .unchanged(missing: entry.documents - entry.present),
          contents: nil, reduction: nil, sourceDigest: digest.bytes)
      }
      let contents = try contents(of: store)
      let reduction = try Self.reduction(from: contents.dimensions, to: target.dimensions)
      return PlannedStore(
        store: store, action: action(entry, digest: digest, target: target), contents: contents,
        reduction: reduction, sourceDigest: digest.bytes)
    } catch let error as PostgresError {
      throw error
    } catch let error as Failure where error.kind == .interrupted {
      throw error
    } catch {
      return PlannedStore(
        store: store, action: .refuse(Failure(error)), contents: nil, reduction: nil,
        sourceDigest: nil)
    }
  }

  private func ledgerEntry(for name: StoreName) throws(PostgresError) -> LedgerEntry? {
    guard let database, let table = database.table, database.schemaVersion > 0 else { return nil }
    return try Ledger(connection: database.connection, table: table).entry(for: name)
  }

  private func isUnchanged(
    _ entry: LedgerEntry, digest: SourceDigest, target: MigrationPlan.Target
  ) -> Bool {
    !options.force && entry.sourceDigest == digest.bytes
      && entry.settings == options.settings(dimensions: target.dimensions)
  }

  private func action(
    _ entry: LedgerEntry?, digest: SourceDigest, target: MigrationPlan.Target
  ) -> PlannedStore.Action {
    guard let entry else { return .insert }
    return isUnchanged(entry, digest: digest, target: target)
      ? .unchanged(missing: entry.documents - entry.present)
      : .replace(previousDocuments: entry.documents)
  }

  private func contents(of store: FoundStore) throws -> StoreContents {
    let reader = try StoreReader(
      directory: store.path, store: store, keys: keys, options: options.reading)
    if options.mode == .dryRun { try reader.check() }
    return StoreContents(reader)
  }

  /// How vectors of one dimension get another.
  static func reduction(from source: Int, to target: Int) throws(Failure) -> Reduction {
    if source == target { return .none }
    if source < target { return .extend(from: source, to: target) }
    throw Failure(
      .source, "its vectors have \(source) dimensions, the table takes \(target)",
      remedy: "reduction is needed")
  }
}

extension MigrationOptions {
  /// The choices that decide what is written for given files; a change of them is a change.
  func settings(dimensions: Int) -> String {
    var parts = ["dimensions=\(dimensions)"]
    if reading.allowMismatch { parts.append("allow-mismatch") }
    if reading.escapeNUL { parts.append("escape-nul") }
    return parts.joined(separator: " ")
  }
}

extension StoreContents {
  init(_ reader: borrowing StoreReader) {
    self.init(
      vectors: reader.vectorCount, entries: reader.entryCount, documents: reader.documentCount,
      dimensions: reader.dimensions, isEncrypted: reader.isEncrypted,
      findings: reader.findings.map(\.description))
  }
}
