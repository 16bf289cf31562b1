internal import Messages
internal import JSON
internal import Status
internal import Stores

/// Prints the state of the stores, for people or as JSON.
struct StatusPrinter {
  let console: Console
  /// True where stores in other databases and tables are shown, too.
  let showsAll: Bool
  /// The largest number of stores in order that are listed for each table; nil for the usual one.
  let limit: Int?

  /// Prints the tables of stores and advice about the next steps.
  ///
  /// - Parameter isLimited: true where options have left out stores.
  func show(_ report: StatusReport, database: String, in directory: String, isLimited: Bool) {
    console.print("Database: \(database)")
    switch report.source {
    case .ledger: console.print("Compared with the ledger of the database")
    case .journalAlone(let reason):
      console.print(
        """
        \("From the journal alone", .yellow): the state of the database is not known (\(reason))
        """)
    }
    for table in report.tables { show(table, named: "Table \(table.table)") }
    if showsAll {
      for table in report.others {
        show(table, named: "Another database: \(table.database), table \(table.table)")
      }
    }
    let shown = (report.tables + (showsAll ? report.others : [])).flatMap(\.stores)
    if shown.isEmpty {
      let ledger: Message = report.source == .ledger ? " or in the ledger of the database" : ""
      console.print(
        isLimited
          ? "No store that the options choose is to be listed"
          : "No run with this database is recorded in \(directory)" + ledger)
    }
    if let table = report.unlistedTable {
      console.print(
        """
        Table \(table) holds rows, and the database has no ledger of them: migrate --dry-run \
        shows how many have the texts of the stores
        """)
    }
    showAdvice(about: shown)
    showOthers(report)
  }

  private func show(_ report: TableStatus, named title: Message) {
    console.print()
    console.print(title)
    StoreTable(console: console, limit: limit).show(
      report.stores.map { store in
        let remarks =
          [store.rollback, store.reason].compactMap(\.self) + store.differences + store.notes
          + [store.recallRemark].compactMap(\.self)
        return StoreTable.Row(
          name: store.name, outcome: store.word, isInOrder: store.isInOrder,
          // Of a store that failed, the journal knows the files' documents, not the table's.
          documents: store.isFailed ? nil : store.facts.documents,
          time: (store.finishedAt ?? store.startedAt) ?? "",
          remarks: remarks.joined(separator: "; "))
      })
  }

  /// Prints advice about stores that failed, were rolled back, or are not in the database as
  /// recorded.
  private func showAdvice(about stores: [StoreStatus]) {
    let failed = stores.count(where: \.isFailed)
    if failed > 0 {
      console.print("\(counted(failed, "store")) failed or not finished: run again with --failed")
    }
    let rolledBack = stores.count {
      $0.outcome == .rolledBack || $0.outcome == .partlyRolledBack
    }
    if rolledBack > 0 {
      console.print(
        "\(counted(rolledBack, "store")) rolled back: migrate writes the documents of these "
          + "stores again"
      )
    }
    let different = stores.count { !$0.differences.isEmpty }
    if different > 0 {
      console.print(
        """
        \(counted(different, "store")) not in the database as recorded: vector-ferry verify shows \
        the differences, migrate writes what is missing
        """)
    }
  }

  private func showOthers(_ report: StatusReport) {
    guard !showsAll, !report.others.isEmpty else { return }
    let stores = report.others.reduce(0) { $0 + $1.stores.count }
    console.print(
      """
      The journal also has \(counted(stores, "store")) of other databases or tables: status --all \
      shows them
      """)
  }

  /// Returns the document of `status --json`; docs/JSON.md describes the members.
  func json(_ report: StatusReport, database: String, exitCode: ExitCode) -> JSONValue {
    let shown = report.tables + (showsAll ? report.others : [])
    let obstacle: String? =
      if case .journalAlone(let reason) = report.source { reason } else { nil }
    return [
      "database": .string(database), "compared": .bool(obstacle == nil),
      "not_compared": JSONValue(obstacle), "unlisted_table": JSONValue(report.unlistedTable),
      "stores": .array(shown.flatMap { table in table.stores.map { $0.json(of: table) } }),
      "other_stores": .int(report.others.reduce(0) { $0 + $1.stores.count }),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension StoreStatus {
  /// The words that name the run which rolled the store back; nil where no run did, or where the
  /// reason names the run.
  fileprivate var rollback: String? {
    guard [.rolledBack, .partlyRolledBack, .restored].contains(outcome), let run,
      reason?.hasPrefix("by run ") != true
    else { return nil }
    return "by run \(run.prefix(8))"
      + (undoneRun.map { ", which rolled back run \($0.prefix(8))" } ?? "")
  }

  /// The recall of a store that keeps originals, without and with these originals; nil for other
  /// stores.
  fileprivate var recallRemark: String? {
    guard let recall, let rerankedRecall else { return nil }
    return "recall@10 \(recall.shown(digits: 3)) by reduced vectors alone, "
      + "\(rerankedRecall.shown(digits: 3)) ranked by originals"
  }

  /// The outcome of the store in words.
  fileprivate var word: String {
    switch outcome {
    case .notFinished: facts.stage == nil ? "not begun" : "not finished"
    case .rolledBack: "rolled back"
    case .partlyRolledBack: "rolled back in part"
    case .listed: "in the database"
    default: outcome.rawValue
    }
  }

  fileprivate func json(of table: TableStatus) -> JSONValue {
    [
      "database": .string(table.database), "database_identity": JSONValue(table.identity),
      "table": .string(table.table),
      "user": .string(name.user), "collection": .string(name.collection),
      "path": JSONValue(facts.path), "outcome": .string(outcome.rawValue),
      "well": .bool(isInOrder), "stage": JSONValue(facts.stage), "reason": JSONValue(reason),
      "differences": .array(differences.map(JSONValue.string)),
      "notes": .array(notes.map(JSONValue.string)),
      "documents": JSONValue(facts.documents), "vectors": JSONValue(facts.vectors),
      "dimensions": JSONValue(facts.dimensions), "recall": JSONValue(recall),
      "reranked_recall": JSONValue(rerankedRecall), "source_digest": JSONValue(facts.sourceDigest),
      "backup": JSONValue(facts.backup), "run": JSONValue(run),
      "takes_back": JSONValue(undoneRun), "started_at": JSONValue(startedAt),
      "finished_at": JSONValue(finishedAt),
    ]
  }
}
