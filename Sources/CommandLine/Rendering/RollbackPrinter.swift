internal import Machine
internal import Messages
internal import Ledger
internal import Rollback
internal import Stores

/// Prints a rollback for people.
struct RollbackPrinter {
  let console: Console
  let isSilent: Bool

  /// Prints the plan of a rollback.
  func show(_ plan: RollbackPlan, database: String, options: RollbackOptions) {
    say("Rollback of run \(plan.run.description), begun \(plan.startedAt) on \(plan.host)")
    if let earlier = plan.undoneRun {
      say(
        "This run is itself a rollback, of run \(earlier.description): the restored rows will be "
          + "removed"
      )
    }
    say("Database: \(database)")
    for store in plan.stores {
      say("  \(store.name.description, .bold)")
      for line in lines(of: store, options: options) { say("    " + line) }
    }
    for store in plan.leftOut { say("  \("Left out:", .yellow) \(store.reason)") }
    let isRestored = plan.stores.contains { $0.previous?.backup != nil }
    say(
      """
      \(counted(plan.removes, "row")) will be removed\(isRestored ? " or changed back" : ""), \(grouped(plan.edited)) stay because they \
      were changed
      """)
  }

  /// Prints that there is nothing to roll back, and the reason.
  func showNothing(_ reason: String) { say("Nothing to roll back: \(reason)") }

  /// Prints an event that occurs while a store is rolled back.
  func handle(_ event: RollbackEvent) {
    switch event {
    case .started(let store): say("Rolling back store: \(store.name.description)")
    case .retried(let name, let failure, let seconds):
      console.diagnostics.warn(
        """
        \(name.description): \(failure.reason); trying again in \(seconds.shown(digits: 1)) seconds
        """)
    case .server(let event): console.report(event)
    case .finished(let result): finished(result)
    }
  }

  /// Prints the summary of the rollback.
  func finish(_ report: RollbackReport, journalGap: String?) {
    say()
    say("Rolled back: \(report.rolledBack)")
    if report.partly > 0 {
      say("Rolled back in part, because rows were changed since the run: \(report.partly)")
    }
    say("Failed: \(report.failed)")
    if !report.notBegun.isEmpty { say("Not begun: \(report.notBegun.count)") }
    if report.wasInterrupted {
      say("Interrupted: stores that were rolled back stay rolled back; run again for the others.")
    } else if let outage = report.outage {
      for line in report.notBegun.lines { say(line) }
      for line in outage.verdict(failed: report.failed, notBegun: report.notBegun) { say(line) }
    } else if report.failed == 0 {
      say(
        "✅ Rolled back \(counted(report.stores.count, "store")); migrate writes the "
          + "documents of these stores again"
      )
      if report.partly > 0 { say("   Rows that were changed since the run stay: see above") }
    } else {
      say("❌ \(counted(report.failed, "store")) could not be rolled back")
    }
    if let journalGap { say(.gap(ofJournal: journalGap)) }
  }

  private func lines(of store: RollbackPlan.StorePlan, options: RollbackOptions) -> [Message] {
    if let refusal = store.refusal {
      return ["\("Refused:", .red) \(refusal.description)"]
    }
    var lines: [Message] = []
    let restores = store.previous?.backup != nil
    if let rows = store.rows { lines += self.lines(of: rows, restores: restores) }
    if let previous = store.previous { lines.append(line(of: previous)) }
    for file in store.files { lines.append(line(of: file)) }
    if !store.files.isEmpty, !store.areFilesProven {
      lines.append(
        """
        \("Compared", .yellow) only with the backup's own manifest: the ledger no longer knows \
        what that run migrated
        """)
    }
    if lines.isEmpty { lines.append("Nothing of the store is left in the database") }
    return lines
  }

  private func lines(of rows: RollbackPlan.Rows, restores: Bool) -> [Message] {
    var lines: [Message] = [
      restores
        ? """
        Changes \(counted(rows.removes, "row")) of \(rows.table) back, or removes rows that did \
        not exist before
        """ : "Removes \(counted(rows.removes, "row")) from \(rows.table)"
    ]
    if !rows.referring.isEmpty {
      lines.append(
        """
        Tables whose rows are deleted or changed together with these rows: \
        \(rows.referring.map(\.description).joined(separator: ", "))
        """)
    }
    lines += rows.losses.lines(atMost: restores)
    if let obstacle = rows.obstacle { lines.append(.obstacle(obstacle)) }
    if rows.edited.count > 0 {
      lines.append(
        """
        \("Keeps", .yellow) \(counted(rows.edited.count, "row")) that were changed since: \
        \(rows.edited.summary)
        """)
    }
    if rows.putsBack > 0 {
      lines.append(
        """
        Keeps \(counted(rows.putsBack, "row")) that were taken over, and restores what was \
        replaced in these rows
        """)
    }
    if rows.alongside > 0 {
      lines.append("Keeps \(counted(rows.alongside, "row")) that no ledger lists, beside the store")
    }
    if rows.added > 0 {
      lines.append("Keeps \(counted(rows.added, "row")) that the application added")
    }
    if rows.gone > 0 {
      lines.append(
        "\(counted(rows.gone, "row")) \(rows.gone == 1 ? "was" : "were") deleted already")
    }
    if rows.hasProjection {
      let remark: Message =
        rows.edited.count + rows.added + rows.alongside + rows.putsBack > 0
        ? """
        ; without the projection, the rows that stay cannot be searched with full vectors until \
        migrate gives the store a new one
        """ : ""
      lines.append("Removes the store's projection" + remark)
    }
    return lines
  }

  private func line(of previous: RollbackPlan.Previous) -> Message {
    let run = previous.run.description.prefix(8)
    let documents = counted(previous.documents, "document")
    if let backup = previous.backup {
      return "Brings back \(documents) of run \(run) from \(backup)"
    }
    return "The replaced \(documents) of run \(run) are restored only with --restore"
  }

  private func line(of file: RollbackPlan.FilePlan) -> Message {
    switch file.action {
    case .same: return "\(file.path) is the same as in the backup"
    case .write: return "Puts back \(file.path)"
    case .replace(let name, let isNewer):
      let age: Message = isNewer ? "newer than the backup" : "different from the backup"
      return "Replaces \(file.path), which is \(age); the present file is kept as \(name)"
    }
  }

  private func finished(_ result: RollbackResult) {
    if let failure = result.failure {
      say("\("Failed:", .red) \(result.name.description)")
      say("  Reason: \(failure.reason)")
      if let remedy = failure.remedy { say("  Remedy: \(remedy)") }
      return
    }
    if result.plan.rows != nil { say("  Removed \(counted(result.removed, "row"))") }
    if result.putBack > 0 {
      say(
        "  Put back \(counted(result.putBack, "row")) as they were before a migration took them "
          + "over"
      )
    }
    if result.edited.count > 0 {
      say(
        """
          Kept \(counted(result.edited.count, "row")) that were changed since: \
        \(result.edited.summary)
        """)
    }
    for rows in result.losses {
      console.diagnostics.warn(
        "\(result.name.description): together with its documents, in \(rows.description)")
    }
    if result.restored > 0 { say("  Brought back \(counted(result.restored, "document"))") }
    if result.converted > 0 {
      let documents = counted(result.converted, "document")
      say("  Converted \(documents) of the application to the earlier model")
    }
    if result.unconverted > 0 {
      console.diagnostics.warn(
        "\(result.name.description): \(counted(result.unconverted, "document")) that the application "
          + "has added cannot be searched with full vectors: the earlier state has vectors of other "
          + "dimensions")
    }
    if result.files > 0 { say("  Put back \(counted(result.files, "file"))") }
  }

  private func say(_ message: Message = "") {
    if !isSilent { console.print(message) }
  }
}
