internal import Schema

/// Prints a dry run: each statement, its locks and what is dangerous about it.
struct SchemaTrialPrinter {
  let console: Console

  /// Prints the trial.
  func show(_ trial: SchemaTrial) {
    console.print("Dry run: every statement that allows it was executed and rolled back.")
    var current: SchemaPlan.Step?
    for entry in trial.entries {
      if entry.step.version != current?.version || entry.step.isUp != current?.isUp {
        console.print("  \(entry.step.isUp ? "up  " : "down") \(entry.step.version, .bold)")
        current = entry.step
      }
      let tried: Message = entry.isTried ? "" : " (not tried: not allowed in a transaction)"
      console.print("    \(entry.statement.summary())\(tried)")
      for lock in entry.locks { console.print("      lock: \(lock.mode) on \(lock.relation)") }
      for warning in entry.warnings {
        console.print("      \("warning:", .yellow) \(warning)")
      }
    }
    if let failure = trial.failure {
      console.diagnostics.fail("\(failure)")
    } else {
      console.print("Nothing was changed.")
    }
  }
}
