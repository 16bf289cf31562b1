internal import Clock
internal import Journal
internal import Messages
package import Stores

extension RunPage {
  /// The classes of stores that the page lists separately, in this order.
  package enum Group: CaseIterable, Sendable {
    /// The store failed, was interrupted, or was held by another run.
    case failed
    /// The run did not finish the store.
    case notFinished
    /// The store was written.
    case written
    /// The store was in the database already, is empty, or was left out.
    case untouched
    /// The store was rolled back.
    case rolledBack

    /// Returns the class of an outcome.
    init(_ outcome: Outcome) {
      self =
        switch outcome {
        case .failed, .interrupted, .taken: .failed
        case .pending, .running: .notFinished
        case .succeeded: .written
        case .unchanged, .empty, .skipped: .untouched
        case .rolledBack, .partlyRolledBack, .restored: .rolledBack
        }
    }
  }

  /// Returns the stores of a class.
  package func stores(in group: Group) -> [Store] {
    stores.filter { Group($0.record.outcome) == group }
  }

  /// Counts the stores of a class.
  package func count(_ group: Group) -> Int {
    stores.reduce(0) { $0 + (Group($1.record.outcome) == group ? 1 : 0) }
  }

  /// The number of documents that the run has written.
  package var documents: Int {
    stores.reduce(0) { sum, store in
      store.record.outcome == .succeeded ? sum + (store.record.facts.documents ?? 0) : sum
    }
  }

  /// The seconds that the run took; nil where the run has not recorded its end.
  package var seconds: Double? {
    figures[RunFigure.seconds]?.number
      ?? run.finishedAt.map { Double(max(0, $0.microseconds - run.startedAt.microseconds)) / 1e6 }
  }

  /// The folder of the run's copies; nil where no copies were made.
  package var backupFolder: String? {
    for store in stores {
      guard let path = store.record.facts.backupPath else { continue }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count > 2 { return parts.dropLast(2).joined(separator: "/") }
    }
    return nil
  }

  /// The command with its options, as the journal records them.
  package var command: String {
    ["vector-ferry", run.facts.mode.rawValue, run.facts.options]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The state of the whole run.
  package enum Verdict: Equatable, Sendable {
    /// Every store is as it should be.
    case succeeded
    /// The run has ended, and this many stores failed.
    case failed(Int)
    /// The run stopped before its end.
    case stopped
    /// The run has not ended yet.
    case running
  }

  /// The state of the whole run.
  package var verdict: Verdict {
    switch run.state {
    case .running: return .running
    case .died, .elsewhere: return .stopped
    case .finished: break
    }
    let failed = count(.failed)
    if run.exitStatus == 130 || figures[RunFigure.outage] != nil { return .stopped }
    if failed > 0 { return .failed(failed) }
    return run.exitStatus == 0 ? .succeeded : .stopped
  }

  /// The verdict in words.
  package var verdictWords: String {
    switch verdict {
    case .succeeded: "Every store is done"
    case .failed(let count): "\(counted(count, "store")) failed"
    case .running: "The run has not ended yet; this page shows what is recorded so far"
    case .stopped:
      if let outage = figures[RunFigure.outage]?.text {
        "The run stopped early: \(outage)"
      } else if run.exitStatus == 130 {
        "The run was interrupted; stores that were written stay"
      } else if run.exitStatus == nil {
        "The run ended without recording its end: it was killed, or its machine went down"
      } else if let index = figures[RunFigure.index]?.text {
        "Every store is done, but the index was not built: \(index)"
      } else {
        "The run stopped before its end (exit code \(run.exitStatus ?? 0))"
      }
    }
  }

  /// The title of the page.
  package var title: String {
    switch run.facts.mode {
    case .migrate: "Migration of \(counted(stores.count, "store"))"
    case .rollback: "Rollback of \(counted(stores.count, "store"))"
    case .refit: "New model for \(counted(stores.count, "store"))"
    default: "Run of vector-ferry \(run.facts.mode.rawValue)"
    }
  }
}

extension RunPage.Store {
  /// The name of the store.
  package var name: StoreName { record.name }

  /// The reason of the outcome without the remedy; nil where there is none.
  package var reason: String? {
    guard let reason = record.reason else { return nil }
    guard let remedy = figures.remedy, reason.hasSuffix("; \(remedy)") else { return reason }
    return String(reason.dropLast(remedy.count + 2))
  }

  /// The outcome in words.
  package var outcome: String {
    switch record.outcome {
    case .pending: "not begun"
    case .running: "not finished"
    case .succeeded: "done"
    case .rolledBack: "rolled back"
    case .partlyRolledBack: "rolled back in part"
    case .taken: "held by another run"
    case .unchanged, .empty, .failed, .skipped, .interrupted, .restored: record.outcome.rawValue
    }
  }

  /// The seconds that the store took; nil where they are not known.
  package var seconds: Double? { figures.milliseconds.map { Double($0) / 1000 } }

  /// The recall of searches with full queries, ranked by originals where they are kept.
  package var fullRecall: Double? {
    figures.recall.map { max($0.full, $0.keepsOriginals ? $0.ranked ?? 0 : 0) }
  }
}
