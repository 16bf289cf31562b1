internal import Migration
internal import Postgres
internal import Stores
internal import VectorMath

/// Prints what a live run would do, store by store.
struct PlanPrinter {
  let plan: MigrationPlan
  let say: (Message) -> Void

  /// Prints the plan.
  func show() {
    let target = plan.target
    say(
      """
      Plan for table \(target.table.description) \
      (\(target.dimensions) dimensions\(target.mustBeCreated ? ", to be created" : ""))
      """)
    for store in plan.stores {
      say("  \(store.name.description, .bold)")
      for line in lines(of: store) { say("    " + line) }
    }
  }

  private func lines(of store: PlannedStore) -> [Message] {
    var lines: [Message] = []
    if let contents = store.contents {
      let kind = contents.isEncrypted ? "decrypted" : "plain"
      lines.append(
        """
        Reads \(grouped(contents.vectors)) vectors of \(contents.dimensions) dimensions, \
        \(grouped(contents.entries)) metadata entries (\(kind))
        """)
      lines += contents.findings.map { "\("Note:", .yellow) \($0)" }
    }
    if let reduction = store.reduction, let line = Self.line(of: reduction) { lines.append(line) }
    if let fidelity = store.fidelity { lines.append(fidelity.message) }
    lines.append(action(of: store))
    return lines
  }

  private static func line(of reduction: Reduction) -> Message? {
    switch reduction {
    case .none: nil
    case .project(.truncated, let source, let target):
      "Cuts \(source) to \(target) dimensions"
    case .project(let kind, let source, let target):
      "Reduces \(source) to \(target) dimensions by \(kind == .centered ? "centered " : "")PCA"
    case .extend(let source, let target):
      "Extends \(source) to \(target) dimensions with zeros (every similarity unchanged)"
    }
  }

  private func action(of store: PlannedStore) -> Message {
    let documents = grouped(store.contents?.documents ?? 0)
    switch store.action {
    case .insert: return "Inserts \(documents) documents"
    case .replace(let previous):
      return "Replaces \(grouped(previous)) documents of an earlier run by \(documents)"
    case .unchanged: return "Unchanged since it was migrated: nothing to do"
    case .refuse(let failure):
      let remedy = failure.remedy.map { "; \($0)" } ?? ""
      return "\("Refused:", .red) \(failure.reason)\(remedy)"
    }
  }
}
