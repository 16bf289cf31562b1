internal import Messages
internal import SQLText
internal import Postgres
internal import Schema

/// Prints the events that occur while migrations are executed.
struct SchemaEventPrinter {
  let console: Console

  /// Prints one event, if it concerns the operator.
  func show(_ event: SchemaEvent) {
    let diagnostics = console.diagnostics
    switch event {
    case .waiting(let holder):
      diagnostics.note("Waiting for another process that migrates: \(holder.description)")
    case .began(let step):
      console.print("  \(step.isUp ? "up  " : "down") \(step.version) \(step.description)")
    case .statement(let statement, let number, let count):
      diagnostics.show("    statement \(number) of \(count): \(statement.summary())")
    case .foundDone(let statement):
      diagnostics.note("    already done by an earlier run that stopped: \(statement.summary())")
    case .removedInvalidIndex(let name):
      diagnostics.note("    removed the INVALID index \(name) that a failed build had left")
    case .waitingForBuild(let process):
      diagnostics.note("Waiting for server process \(process), which builds an index of the table")
    case .retrying(_, let attempt, let reason):
      diagnostics.warn("\(reason); trying again (\(attempt))")
    case .finished(_, let seconds):
      diagnostics.show(nil)
      if seconds >= 1 { diagnostics.note("    took \(duration(.seconds(seconds)))") }
    case .lost(_, let losses):
      for loss in losses { diagnostics.warn(loss.message) }
    case .temporary(_, let objects): diagnostics.warn("\(objects.note)")
    case .doneElsewhere(let step):
      console.print("  \(step.version) \(step.description): done by another process meanwhile")
    case .notice(let notice):
      guard notice.severity != "DEBUG", !notice.isUnimportant else { return }
      diagnostics.note("    \(notice.severity): \(notice.message)")
    }
  }
}
