internal import Clock
package import Ledger
internal import Journal
package import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores

extension StatusReport {
  /// Makes the report from the journal and the ledger.
  ///
  /// - Parameters:
  ///   - backupDirectory: the directory of the journal.
  ///   - database: the database to report on, in words.
  ///   - table: the table whose stores are reported; nil for all tables.
  ///   - connect: opens a session; throws where the database cannot be reached.
  package static func read(
    backupDirectory: String, database: String, table: QualifiedName?,
    connect: () throws -> Connection
  ) throws(Failure) -> StatusReport {
    do {
      let journal = try RunJournal.openReadOnly(path: RunJournal.path(in: backupDirectory))
      let asked: Asked
      do {
        let usual = QualifiedName("vector_documents")
        asked = try Asked(connect(), table: table ?? usual)
      } catch {
        let failure = Failure(error)
        if failure.kind == .interrupted { throw failure }
        asked = Asked(obstacle: failure.description)
      }
      return try StatusReport(journal, asked, database: database.withoutOrigin, table: table)
    } catch let error as JournalError {
      throw Failure(.preflight, error.description)
    } catch {
      throw Failure(error)
    }
  }

  /// The facts that were read from the database.
  private struct Asked {
    var lineage: DatabaseLineage?
    var connection: Connection?
    var facts: ServerFacts?
    var ledger: LedgerStatus?
    var obstacle: String?
    /// The table of documents, where it has rows although the database has no ledger; nil
    /// otherwise.
    var unlistedTable: String?

    init(obstacle: String) { self.obstacle = obstacle }

    init(_ connection: Connection, table: QualifiedName) throws {
      self.connection = connection
      let facts = try ServerFacts.read(connection)
      self.facts = facts
      lineage = try DatabaseLineage(connection)
      let ledger = try LedgerStatus(connection)
      self.ledger = ledger
      if ledger.isAbsent { unlistedTable = Self.filledTable(table, facts, on: connection) }
    }

    /// Returns the table's name where the table has rows; nil otherwise.
    private static func filledTable(
      _ table: QualifiedName, _ facts: ServerFacts, on connection: Connection
    ) -> String? {
      guard let name = try? facts.qualified(table, on: connection),
        let found = try? VectorTable.find(name, on: connection),
        (try? connection.scalar("SELECT EXISTS (SELECT FROM \(found.name))")) == true
      else { return nil }
      return found.name.description
    }

    /// Returns a table's full name as the session would find the table; without a session, adds the
    /// usual schema.
    func qualified(_ table: String) -> String {
      guard let name = QualifiedName(parsing: table), name.schema == nil else { return table }
      let found = connection.flatMap { try? facts?.qualified(name, on: $0) }
      return (found ?? QualifiedName(schema: "public", name.name)).description
    }
  }

  private init(
    _ journal: RunJournal, _ asked: Asked, database: String, table: QualifiedName?
  ) throws {
    source = asked.obstacle.map(Source.journalAlone) ?? .ledger
    unlistedTable = asked.unlistedTable
    let known = try JournalStatus(journal, qualified: asked.qualified)
    // The same words may have named another database earlier: without a connection, the identity
    // that the latest run recorded decides.
    let identity = asked.lineage?.identity ?? known.latestIdentity(of: database)
    let identities =
      asked.lineage?.identities(in: known.runs, database: database)
      ?? Set([identity].compactMap { $0 })
    let wanted = table.map { asked.qualified($0.description) }
    var own: [String: [RunRecord]] = [:]
    for (place, runs) in known.places {
      let isMeant =
        !identities.isEmpty && place.identity != nil
        ? place.identity.map(identities.contains) == true : place.database == database
      if isMeant, wanted == nil || wanted == place.table {
        own[place.table, default: []] += runs
      } else {
        others.append(
          TableStatus(
            database: place.database, identity: place.identity, table: place.table,
            stores: try known.stores(of: runs)))
      }
    }
    others.removeAll { $0.stores.isEmpty }
    others.sort {
      ($0.database, $0.table, $0.identity ?? "") < ($1.database, $1.table, $1.identity ?? "")
    }
    let listed = Dictionary(grouping: asked.ledger?.entries ?? [], by: \.table)
    let names = Set(own.keys).union(listed.keys.filter { wanted == nil || wanted == $0 })
    tables = try names.sorted().map { name in
      var stores = try known.stores(of: own[name] ?? [])
      if let ledger = asked.ledger {
        stores = ledger.compared(stores, with: listed[name] ?? [], beside: known)
      }
      return TableStatus(database: database, identity: identity, table: name, stores: stores)
    }.filter { !$0.stores.isEmpty }
  }
}

extension JournalStatus {
  /// Returns the identity that the latest run with this database name has recorded; nil where no
  /// run has recorded one.
  fileprivate func latestIdentity(of database: String) -> String? {
    places.filter { $0.key.database == database && $0.key.identity != nil }
      .max {
        ($0.value.last?.startedAt.millisecondsSince1970 ?? 0)
          < ($1.value.last?.startedAt.millisecondsSince1970 ?? 0)
      }?
      .key.identity
  }
}

extension LedgerStatus {
  /// Compares the journal's stores of one table with the ledger, and adds the stores that only the
  /// ledger lists.
  func compared(_ stores: [StoreStatus], with entries: [Entry], beside journal: JournalStatus)
    -> [StoreStatus]
  {
    let byName = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(stores.map(\.name))
    let compared = stores.map { store in
      byName[store.name].map { listed(store, as: $0) } ?? unlisted(store)
    }
    let unknown = entries.filter { !known.contains($0.name) }.map { entry in
      var store = StoreStatus(entry.name, .listed)
      store.run = entry.run
      store.finishedAt = entry.migratedAt
      store.facts.documents = entry.documents
      store.notes = [
        journal.database(of: entry.run).map {
          "the store's run was recorded with \($0): this database is a copy of that one"
        }
          ?? "this journal does not know the store: it was migrated from another machine or "
          + "directory"
      ]
      look(at: entry, &store)
      return store
    }
    return (compared + unknown).sorted { $0.name < $1.name }
  }

  /// Returns the state of a store that the ledger does not list.
  private func unlisted(_ store: StoreStatus) -> StoreStatus {
    var store = store
    guard store.outcome.isInDatabase else {
      if store.outcome == .notFinished, store.undoneRun != nil {
        store.outcome = .rolledBack
        store.notes.append("the rollback was interrupted after this store")
      }
      return store
    }
    if store.outcome == .succeeded, let run = store.run, let rollback = rollbacks[run] {
      store.outcome = .rolledBack
      store.reason = "by run \(rollback.run.prefix(8)) of \(rollback.startedAt) on \(rollback.host)"
      store.undoneRun = run
      store.run = rollback.run
      return store
    }
    store.differences.append(
      isAbsent
        ? "the database has no ledger (schema vector_ferry) any more"
        : "the ledger of the database does not list the store: it was removed, or the database was "
          + "restored from an older dump")
    return store
  }

  /// Returns the state of a store that the ledger lists.
  private func listed(_ store: StoreStatus, as entry: Entry) -> StoreStatus {
    var store = store
    let isSameRun = store.run == entry.run
    let writer = "run \(entry.run.prefix(8)) of \(entry.migratedAt)"
    switch store.outcome {
    case .succeeded where !isSameRun, .restored where !isSameRun:
      // The two times come from two machines: a difference of a second or two means nothing.
      if let began = store.startedAt ?? store.finishedAt, entry.migratedAt < began {
        store.differences.append(
          "the ledger has the store as \(writer) wrote it, an earlier state: the database was "
            + "restored from an older dump")
      } else {
        store.notes.append("\(writer) has written the store since then")
      }
    case .rolledBack where store.undoneRun == entry.run,
      .partlyRolledBack where store.undoneRun == entry.run:
      let rollback = store.run.map { " (run \($0.prefix(8)))" } ?? ""
      store.notes.append(
        "a rollback\(rollback) had removed the store; a dump from before the rollback was restored "
          + "since then, so that the store is again as \(writer) wrote it"
      )
      store.outcome = .listed
      store.reason = nil
      store.run = entry.run
      store.facts.documents = entry.documents
    case .rolledBack, .partlyRolledBack:
      store.notes.append("\(writer) has written the store since then")
      store.outcome = .listed
      store.run = entry.run
    case .notFinished where isSameRun:
      store.outcome = .succeeded
      store.notes.append("the store was committed before its run ended")
    case .notFinished where store.undoneRun == entry.run:
      store.outcome = .listed
      store.run = entry.run
      store.notes.append("a rollback was interrupted before this store")
    case .failed, .taken, .notFinished, .skipped, .empty:
      if let began = store.beganMilliseconds, entry.migratedMilliseconds >= began {
        store.notes.append("\(writer) has written the store since then")
        store.outcome = .listed
        store.reason = nil
        store.run = entry.run
      } else {
        store.notes.append("the database has the \(entry.documents) documents of \(writer)")
      }
    default: break
    }
    look(at: entry, &store)
    return store
  }

  /// Compares the number of existing rows with the number that the ledger lists, and adds the
  /// differences to `store`.
  private func look(at entry: Entry, _ store: inout StoreStatus) {
    (store.recall, store.rerankedRecall) = (entry.recall, entry.rerankedRecall)
    if store.outcome == .unchanged { store.facts.documents = entry.documents }
    if entry.isTableGone {
      store.differences.append("table \(entry.table) does not exist any more")
    } else if let present = entry.present {
      if present == 0, entry.documents > 0 {
        store.differences.append(
          "none of the store's \(entry.documents) rows is in the table any more")
      } else if present < entry.documents {
        store.notes.append(
          "\(entry.documents - present) of the store's rows were deleted since the run")
      }
    } else {
      store.notes.append(
        "the store's rows could not be counted: \(entry.obstacle ?? "no reason is known")")
    }
  }
}
