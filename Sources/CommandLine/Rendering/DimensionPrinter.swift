internal import Migration
internal import Postgres
internal import Stores
internal import VectorIndex

/// Prints a dimension change for people, all but its result on standard error.
final class DimensionPrinter {
  private let console: Console
  private let index: IndexPrinter
  private var filling: Progress?

  init(console: Console, isSilent: Bool) {
    self.console = console
    index = IndexPrinter(console: console, isSilent: isSilent)
  }

  /// Prints what the change tells while it goes on.
  func handle(_ event: DimensionEvent) {
    let diagnostics = console.diagnostics
    switch event {
    case .carriedOver(let stores):
      diagnostics.warn(
        """
        \(counted(stores, "store")) of this table came by migrate: from now on verify, rollback and \
        migrate take their rows for changed ones (docs/DIMENSIONS.md)
        """)
    case .fitted(let model, let basis):
      diagnostics.note(basis.message)
      diagnostics.note("\(model.fidelity.message)")
    case .filling(let done, let total):
      show(done, of: total)
      if done == total { diagnostics.note("Filled \(counted(done, "row"))") }
    case .noIndex(let reason): diagnostics.note("No index is built: \(reason)")
    case .indexing(let event): index.handle(event)
    case .indexed(let outcome): index.show(outcome)
    case .waiting(let pid, let about):
      diagnostics.note("Waiting for the transaction of server process \(pid) to end: \(about)")
    case .startedOver:
      diagnostics.warn(
        "the trigger that keeps the new column in step was not always on: every row is filled anew")
    case .retrying(let attempt, let reason):
      diagnostics.note("\(reason); trying again (\(attempt))")
    case .swapped: diagnostics.note("The new column has taken over the name")
    }
  }

  private func show(_ done: Int, of total: Int) {
    let progress =
      filling ?? Progress("Filling", total: total, unit: .things("rows"), on: console.diagnostics)
    progress.update(to: done)
    filling = done < total ? progress : nil
    if done >= total { progress.finish() }
  }
}

extension ModelBasis {
  /// What was measured on what.
  fileprivate var message: Message {
    let all: Message = "\(counted(rows, "row"))"
    if fitted == 0 { return "Nothing is fitted; queries out of \(all)" }
    let model: Message = "fitted to \(counted(fitted, "row"))"
    if isKnown { return "A model that is there already, \(model); queries out of \(all)" }
    if heldOut > 0 {
      return """
        A model \(model); queries out of \(grouped(heldOut)) that it was not fitted to, among \(all)
        """
    }
    return """
      A model \(model); queries out of these very rows, so that nothing is known of later documents
      """
  }
}
