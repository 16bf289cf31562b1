internal import Messages
internal import SQLText
internal import Schema

/// Prints a dry run: each statement with its locks and its dangers.
struct SchemaTrialPrinter {
  let console: Console

  /// Prints the certain and the possible losses: one warning for each loss, below the migration
  /// that causes it.
  func show(_ losses: LossPreview) {
    for entry in losses.entries {
      for change in entry.changes {
        console.diagnostics.note(
          "\(entry.step.version) changes the \(change.name)\(change.detail.map { ": \($0)" } ?? "")"
        )
      }
      guard !entry.losses.isEmpty || !entry.unknown.isEmpty else { continue }
      let way: Message = entry.step.isUp ? "up" : "down"
      console.diagnostics.warn(
        "\(way) \(entry.step.version, .bold) \(entry.step.description) causes losses:")
      for loss in entry.losses { console.diagnostics.warn("  " + loss.message) }
      for unknown in entry.unknown {
        console.diagnostics.warn(
          "  \(unknown.name): the losses are not known: \(unknown.reason)")
      }
    }
  }

  /// Prints each statement of the trial, with its locks and warnings.
  func show(_ trial: SchemaTrial) {
    console.print("Dry run: every statement that can be rolled back was executed and rolled back.")
    var current: SchemaPlan.Step?
    for entry in trial.entries {
      if entry.step.version != current?.version || entry.step.isUp != current?.isUp {
        console.print("  \(entry.step.isUp ? "up  " : "down") \(entry.step.version, .bold)")
        current = entry.step
      }
      let tried: Message = entry.untried.map { " (not tried: \($0))" } ?? ""
      console.print("    \(entry.statement.summary())\(tried)")
      for lock in entry.locks { console.print("      lock: \(lock.mode) on \(lock.relation)") }
      for warning in entry.warnings {
        console.print("      \("warning:", .yellow) \(warning)")
      }
    }
  }
}
