internal import Messages
internal import Ledger
internal import JSON
internal import Migration
internal import Postgres
internal import Stores
internal import VectorIndex

extension IndexPrinter {
  /// Prints the result of the index build after a load; `MigrationSummary` prints a failure.
  func show(_ result: IndexResult) {
    endProgress()
    switch result {
    case .notAsked, .failed: break
    case .none(let reason):
      say()
      say("No index was built: \(reason)")
    case .exists(let index):
      say()
      say(
        "No index was built: the table has one already, \(index.name.description) "
          + "(\(index.method.title))")
    case .built(_, let outcome): show(outcome)
    case .leftToAnother(let reason):
      say()
      say("No index was built: \(reason)")
    }
  }
}

extension IndexIntent {
  /// The line about the index in the plan of a dry run; nil where no index is asked for or nothing
  /// is written.
  var line: Message? {
    switch self {
    case .none, .nothingWritten: nil
    case .tooSmall(let rows):
      "Index: none, because an exact scan of \(counted(rows, "row")) is faster"
    case .build(let parameters, let rows):
      """
      Index: \(parameters.method.title) (\(parameters.description)) over about \
      \(counted(rows, "row")) after the load, unless the table has one
      """
    }
  }

  /// The decision about the index, as `--json` shows it.
  var json: JSONValue {
    switch self {
    case .none: ["outcome": "not_asked"]
    case .nothingWritten: ["outcome": "not_asked"]
    case .tooSmall(let rows): ["outcome": "none", "rows": .int(rows)]
    case .build(let parameters, let rows):
      ["outcome": "planned", "rows": .int(rows), "parameters": parameters.json]
    }
  }
}

extension IndexResult {
  /// The result of the index build as `--json` shows it.
  var json: JSONValue {
    switch self {
    case .notAsked: ["outcome": "not_asked"]
    case .none(let reason): ["outcome": "none", "reason": .string(reason)]
    case .exists(let index): ["outcome": "exists", "index": index.json]
    case .built(let plan, let outcome):
      ["outcome": "built", "plan": plan.json, "built": outcome.json]
    case .leftToAnother(let who): ["outcome": "left_to_another", "reason": .string(who)]
    case .failed(let failure): ["outcome": "failed", "failure": failure.json]
    }
  }
}
