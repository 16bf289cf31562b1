internal import JSON
internal import Schema
internal import Stores

/// The facts about a run that `--json` prints.
struct SchemaRunRecord {
  var set: String?
  var database: String?
  var plan: SchemaPlan?
  var consent: LossConsent?
  var outcome: SchemaOutcome?
  var failure: String?

  /// Creates the JSON document of the run.
  func json(isDryRun: Bool, code: ExitCode) -> JSONValue {
    let entries = consent?.preview.entries ?? []
    let created = outcome?.created
    return [
      "set": JSONValue(set), "database": JSONValue(database), "dry_run": .bool(isDryRun),
      "steps": .array((plan?.steps ?? []).map(Self.json)),
      "losses": .array(
        entries.flatMap { entry in
          entry.losses.map { $0.json(entry.step, isAllowed: allows($0.name)) }
        }),
      "unknown": .array(
        entries.flatMap { entry in
          entry.unknown.map { $0.json(entry.step, isAllowed: allows($0.name)) }
        }),
      "changes": .array(
        entries.flatMap { entry in
          entry.changes.map { change -> JSONValue in
            [
              "version": .string(entry.step.version), "name": .string(change.name),
              "before": JSONValue(change.before), "after": JSONValue(change.after),
            ]
          }
        }),
      "executed": .array((outcome?.steps ?? []).map(Self.json)),
      "created_tables": .array((created?.tables ?? []).map(JSONValue.string)),
      "temporary_objects": .array(
        (outcome?.temporary ?? []).map { JSONValue.string($0.name) }),
      "created_indexes": .array((created?.indexes ?? []).map { JSONValue.string($0.name) }),
      "renamed_tables": .array((created?.renamedTables ?? []).map(Self.json)),
      "renamed_indexes": .array((created?.renamedIndexes ?? []).map(Self.json)),
      "dropped_tables": .array((created?.droppedTables ?? []).map(JSONValue.string)),
      "dropped_indexes": .array((created?.droppedIndexes ?? []).map(JSONValue.string)),
      "error": JSONValue(failure), "exit_code": .int(Int(code.rawValue)),
    ]
  }

  private func allows(_ name: String) -> Bool { consent?.allows(name) ?? false }

  private static func json(_ renaming: CatalogChange.Renaming) -> JSONValue {
    ["from": .string(renaming.from), "to": .string(renaming.to)]
  }

  private static func json(_ step: SchemaPlan.Step) -> JSONValue {
    [
      "version": .string(step.version), "description": .string(step.description),
      "way": .string(step.isUp ? "up" : "down"),
    ]
  }
}
