internal import Ledger
internal import JSON
internal import Machine
internal import Rollback
internal import Stores

extension RollbackPlan {
  /// Returns the plan as `rollback --dry-run --json` shows it; docs/JSON.md describes the members.
  func json(exitCode: ExitCode) -> JSONValue {
    document(stores: stores.map { $0.json(result: nil) }, isDone: false, exitCode)
  }

  /// Returns the document of `rollback --json` where nothing is left to roll back.
  static func nothing(_ reason: String) -> JSONValue {
    [
      "run": .null, "takes_back": .null, "started_at": .null, "host": .null, "executed": false,
      "nothing": .string(reason), "stores": .array([]), "left_out": .array([]), "outage": .null,
      "not_begun": .array([]), "journal_gap": .null, "exit_code": 0,
    ]
  }

  fileprivate func document(
    stores: [JSONValue], isDone: Bool, journalGap: String? = nil, summary: JSONValue = .null,
    outage: Failure? = nil,
    notBegun: [StoreName] = [], _ exitCode: ExitCode
  ) -> JSONValue {
    [
      "run": .string(run.description), "takes_back": JSONValue(undoneRun?.description),
      "started_at": .string(startedAt), "host": .string(host),
      "executed": .bool(isDone), "nothing": .null, "stores": .array(stores),
      "left_out": .array(leftOut.map(\.json)),
      "summary": summary, "outage": outage?.json ?? .null, "not_begun": notBegun.json,
      "journal_gap": JSONValue(journalGap),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension RollbackReport {
  /// Returns the report as `rollback --json` shows it.
  ///
  /// - Parameter journalGap: the reason why the journal lacks a part of the rollback; nil where the
  ///   journal is complete.
  func json(exitCode: ExitCode, journalGap: String?) -> JSONValue {
    plan.document(
      stores: stores.map { $0.plan.json(result: $0) }, isDone: true, journalGap: journalGap,
      summary: [
        "total": .int(plan.stores.count), "rolled_back": .int(rolledBack), "partly": .int(partly),
        "failed": .int(failed), "not_begun": .int(notBegun.count),
      ], outage: outage, notBegun: notBegun, exitCode)
  }
}

extension RollbackPlan.StorePlan {
  fileprivate func json(result: RollbackResult?) -> JSONValue {
    let failure = result.map(\.failure) ?? self.failure
    return [
      "user": .string(name.user), "collection": .string(name.collection),
      "table": JSONValue(rows?.table), "removes": .int(removes), "edited": edited.json,
      "puts_back": JSONValue(rows?.putsBack), "alongside": JSONValue(rows?.alongside),
      "added": JSONValue(rows?.added), "gone": JSONValue(rows?.gone),
      "referring": .array((rows?.referring ?? []).map(\.json)),
      "losses": .array((result?.losses ?? rows?.losses ?? []).map(\.json)),
      "projection": JSONValue(rows?.hasProjection), "previous": previous?.json ?? .null,
      "files": .array(files.map(\.json)), "files_proven": .bool(areFilesProven),
      "done": result.map { result in
        [
          "removed": .int(result.removed), "put_back": .int(result.putBack),
          "kept": result.edited.json,
          "restored": .int(result.restored), "converted": .int(result.converted),
          "unconverted": .int(result.unconverted),
          "files": .int(result.files),
        ]
      } ?? .null,
      "failure": failure?.json ?? .null,
    ]
  }
}

extension RollbackPlan.LeftOut {
  fileprivate var json: JSONValue {
    [
      "user": .string(name.user), "collection": .string(name.collection),
      "run": .string(run.description), "reason": .string(reason),
    ]
  }
}

extension RollbackPlan.Previous {
  fileprivate var json: JSONValue {
    [
      "run": .string(run.description), "documents": .int(documents), "backup": JSONValue(backup),
    ]
  }
}

extension RollbackPlan.FilePlan {
  fileprivate var json: JSONValue {
    switch action {
    case .same: ["path": .string(path), "action": "same"]
    case .write: ["path": .string(path), "action": "write"]
    case .replace(let name, let isNewer):
      [
        "path": .string(path), "action": "replace", "keeping": .string(name),
        "newer": .bool(isNewer),
      ]
    }
  }
}
