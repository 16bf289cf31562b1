internal import JSON
internal import Postgres
internal import Layouts
internal import Stores
internal import VectorIndex

extension BuildDecision {
  /// Returns the decision and its outcome as `index build --json` shows them.
  func json(_ outcome: IndexBuild.Outcome?, isDry: Bool, database: String) -> JSONValue {
    [
      "database": .string(database), "dry_run": .bool(isDry),
      "decision": .string(name), "reason": JSONValue(reason),
      "index": existing?.json ?? .null, "plan": plan?.json ?? .null,
      "built": outcome?.json ?? .null, "exit_code": 0,
    ]
  }

  private var name: String {
    switch self {
    case .none: "none"
    case .exists: "exists"
    case .build: "build"
    }
  }

  private var reason: String? { if case .none(let reason) = self { reason } else { nil } }
  private var existing: TableIndex? { if case .exists(let index) = self { index } else { nil } }
  private var plan: BuildPlan? { if case .build(let plan) = self { plan } else { nil } }
}

extension RowCount {
  /// The word with which `--json` says whether the number of rows is counted, estimated or unknown.
  fileprivate var name: String {
    switch self {
    case .counted: "counted"
    case .estimated: "estimated"
    case .unknown: "unknown"
    }
  }
}

extension IndexParameters {
  /// The method of the index and each parameter, as `--json` shows them.
  var json: JSONValue {
    var values = JSONObject()
    values["method"] = .string(method.rawValue)
    for option in options { values[option.name] = .int(option.value) }
    return .object(values)
  }
}

extension BuildPlan {
  /// The plan of the build as `--json` shows it.
  var json: JSONValue {
    [
      "table": .string(facts.table.name.description), "rows": .int(facts.rows),
      "rows_known": .string(facts.rowCount.name),
      "dimensions": .int(form.dimensions), "name": .string(name.name),
      "expression": .string(form.description), "parameters": parameters.json,
      "concurrently": .bool(isConcurrent), "other_sessions": .int(facts.otherSessions),
      "needed_memory": .int(neededMemory), "memory": .int(memory), "workers": .int(workers),
      "disk": .int(disk), "free_disk": JSONValue(freeDisk),
      "tablespace": .string(tablespace),
      "warnings": .array(warnings.map(JSONValue.string)),
    ]
  }
}

extension IndexBuild.Outcome {
  /// The built index as `--json` shows it.
  var json: JSONValue {
    [
      "name": .string(index.description), "seconds": .double(note.seconds),
      "rows": .int(note.rows), "bytes": .int(bytes),
      "removed": .array(removed.map(JSONValue.string)),
      "waited_for": .array(blockers.map(\.json)), "memory_notice": JSONValue(memoryNotice),
    ]
  }
}

extension Blocker {
  /// The session for which the build waited, as `--json` shows it.
  var json: JSONValue {
    [
      "pid": JSONValue(process), "application": .string(application), "state": .string(state),
      "since": .string(since), "query": .string(query),
    ]
  }
}

extension TableIndex {
  /// The index as `--json` shows it.
  var json: JSONValue {
    [
      "name": .string(name.description), "parameters": parameters.json,
      "expression": .string(expression), "condition": JSONValue(condition),
      "operator_class": .string(operatorClass), "valid": .bool(isValid), "serves": .bool(serves),
      "bytes": .int(bytes), "scans": .int(scans),
      "built_at": JSONValue(note?.moment), "built_rows": JSONValue(note?.rows),
      "built_seconds": note.map { .double($0.seconds) } ?? .null,
      "memory_lasted": JSONValue(note?.memoryLasted),
    ]
  }
}

extension IndexStatus {
  /// Returns the whole document of `index status --json`.
  func json(database: String, exitCode: ExitCode) -> JSONValue {
    [
      "database": .string(database), "table": .string(facts.table.name.description),
      "rows": .int(facts.rows), "rows_known": .string(facts.rowCount.name),
      "dimensions": .int(facts.table.dimensions),
      "indexes": .array(
        entries.map { entry in
          [
            "index": entry.index.json, "quality": entry.quality?.json ?? .null,
            "advice": .array(entry.advice.map(JSONValue.string)),
          ]
        }),
      "other_invalid": .array(otherInvalid.map(JSONValue.string)),
      "function_settings": .array(functionSettings.map(JSONValue.string)),
      "building": build?.json ?? .null, "advice": .array(advice.map(JSONValue.string)),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension IndexStatus.Build {
  fileprivate var json: JSONValue {
    [
      "pid": .int(process), "phase": .string(progress.phase),
      "fraction": .double(progress.fraction), "waits_for": progress.blocker?.json ?? .null,
    ]
  }
}
