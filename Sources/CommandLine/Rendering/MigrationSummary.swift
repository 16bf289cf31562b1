internal import Messages
internal import Ledger
internal import Migration

/// Prints the end of a run's report: the numbers of stores that succeeded or failed, and the
/// verdict.
struct MigrationSummary {
  let report: MigrationReport
  let mode: MigrationOptions.Mode
  /// The limit of cost that a live run would reach, or may reach; nil for none.
  let limit: LimitForecast?
  /// The reason why the journal lacks a part of the run; nil where the journal is complete.
  let journalGap: String?
  /// True where the failed stores are listed by their reasons, because their lines stand far above
  /// or were not printed.
  let groupsFailures: Bool
  let say: (Message) -> Void

  /// Prints the numbers of stores and the verdict.
  func show() {
    say("")
    say("Migration Summary")
    say("Total stores: \(report.plan.stores.count)")
    say("Successful: \(report.successful)")
    say("Failed: \(report.failed)")
    if report.unchanged > 0 { say("Unchanged: \(report.unchanged)") }
    if report.empty > 0 { say("Empty: \(report.empty)") }
    if report.taken > 0 { say("Failed because another run held the stores: \(report.taken)") }
    if report.interrupted > 0 { say("Interrupted: \(report.interrupted)") }
    if !report.notBegun.isEmpty { say("Not begun: \(report.notBegun.count)") }
    if mode == .dryRun, report.obstacle == nil {
      say(
        "Would migrate \(counted(report.wouldMigrate.stores, "store")), "
          + "\(counted(report.wouldMigrate.documents, "document"))")
    } else if mode == .live {
      say("Total documents migrated: \(report.documents)")
    }
    if !report.notBegun.isEmpty {
      say("Stores that were not begun:")
      for line in report.notBegun.lines { say(line) }
    }
    if groupsFailures {
      let failures = report.stores.compactMap { store in
        store.failure.flatMap { $0.kind == .interrupted ? nil : (name: store.name, failure: $0) }
      }
      let lines = FailureGroups(failures).lines(
        all: mode == .dryRun ? "--json" : "vector-ferry status --failed")
      if !lines.isEmpty { say("") }
      for line in lines { say(line) }
    }
    if mode == .live {
      for line in MigrationHighlights(report: report, namesEveryStore: !groupsFailures).lines {
        say(line)
      }
    }
    say("")
    showVerdict()
  }

  private func showVerdict() {
    if report.wasInterrupted {
      say("Interrupted: stores that were committed stay; run again for the rest.")
    } else if let outage = report.outage {
      for line in outage.verdict(failed: report.failed, notBegun: report.notBegun) { say(line) }
    } else if let obstacle = report.obstacle {
      say("❌ A live run would stop at once: \(obstacle.reason)")
      if let remedy = obstacle.remedy { say("  Remedy: \(remedy)") }
    } else if mode == .dryRun {
      showDryVerdict()
    } else if report.failed == 0, let failure = report.index.failure {
      say("✅ Every document is migrated and verified")
      say("❌ The index was not built: \(failure.reason)")
      if let remedy = failure.remedy { say("  Remedy: \(remedy)") }
    } else if report.failed == 0 {
      if report.plan.target.isUndecided {
        say(
          """
          No table was created: no store has documents, so the dimension of the vectors is not \
          known (--dimensions N sets it)
          """)
      }
      if journalGap == nil {
        say("✅ Migration completed successfully!")
      } else {
        say("✅ Every document is migrated and verified")
      }
    } else {
      say(
        "❌ \(counted(report.failed, "store")) failed; remove the causes and run again with --failed"
      )
      if let failure = report.index.failure {
        say("❌ The index was not built: \(failure.description)")
      }
    }
    if let journalGap { say(.gap(ofJournal: journalGap)) }
  }

  private func showDryVerdict() {
    let what: Message = report.unreachable == nil ? "Dry run" : "Dry run of the files alone"
    if report.failed == 0, let limit, limit.stopsRun {
      say("❌ \(what) completed: a live run would stop at " + limit.words + "; nothing was written")
    } else {
      showDryVerdict(on: what)
    }
    if let reason = report.unreachable {
      say("   The contents of the database are not known, because it was not read: \(reason)")
    }
  }

  private func showDryVerdict(on what: Message) {
    say(
      report.failed == 0
        ? "✅ \(what) completed: nothing was written"
        : "❌ \(what) completed: \(counted(report.failed, "store")) would fail; nothing was written")
  }
}

extension Message {
  /// Creates the warning that the journal lacks a part of the run.
  static func gap(ofJournal reason: String) -> Message {
    """
    ❌ The journal lacks a part of this run, so history, --failed and the backup's record may say \
    less than happened; the ledger in the database is complete: \(reason)
    """
  }
}
