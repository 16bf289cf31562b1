internal import Clock
internal import Embedding
internal import Machine
internal import Models
internal import Ledger
internal import JSON
internal import Migration
internal import Postgres
internal import StoreEmbedding
internal import Stores
internal import Unlisted
internal import VectorMath

/// The document that `migrate --json` prints about a run; docs/JSON.md describes the members.
struct MigrationDocument {
  let report: MigrationReport
  let options: MigrationOptions
  let database: String
  /// The reason why the journal lacks a part of the run; nil where the journal is complete.
  let journalGap: String?
  /// The path of the run's page; nil where none was written.
  let page: String?
  /// The time of each stage; nil where `--timings` is not given.
  let timings: RunTimingsTable?

  /// Returns the whole JSON document of the run.
  func json(exitCode: ExitCode) -> JSONValue {
    [
      "version": .string(ProgramVersion.current),
      "mode": .string(options.mode.rawValue),
      "run": JSONValue(report.run?.description),
      "started_at": .string(report.startedAt.description),
      "seconds": .double(report.seconds),
      "jobs": .int(report.plan.jobs),
      "timings": timings?.json ?? .null,
      "user_data_directory": .string(options.userDataDirectory),
      "from": JSONValue(options.place?.path),
      "backup_directory": .string(options.backupDirectory),
      "database": .string(database),
      "table": [
        "name": .string(report.plan.target.table.description),
        "dimensions": report.plan.target.isUndecided || report.plan.target.isUnsuitable
          ? .null : .int(report.plan.target.dimensions),
        "created": .bool(report.plan.target.mustBeCreated && !report.plan.target.isUndecided),
        "triggers": .array(report.plan.target.triggers.map { .string($0) }),
        "event_triggers": .array(report.plan.target.eventTriggers.map { .string($0) }),
        "referring": .array(report.plan.target.referring.map(\.json)),
      ],
      "model_storage": report.plan.modelStorage?.json ?? .null,
      "embedding": embedding,
      "stores": .array(report.stores.map(\.json)),
      "summary": [
        "total": .int(report.plan.stores.count), "successful": .int(report.successful),
        "failed": .int(report.failed), "unchanged": .int(report.unchanged),
        "empty": .int(report.empty),
        "taken": .int(report.taken), "interrupted": .int(report.interrupted),
        "not_begun": .int(report.notBegun.count),
        "documents": .int(report.documents),
      ],
      "index": options.mode == .live ? report.index.json : report.plan.index.json,
      "obstacle": report.obstacle?.json ?? .null,
      "database_not_looked_at": JSONValue(report.unreachable),
      "outage": report.outage?.json ?? .null,
      "not_begun": report.notBegun.json,
      "journal_gap": JSONValue(journalGap), "page": JSONValue(page),
      "interrupted": .bool(report.wasInterrupted),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension MigrationDocument {
  /// The service that has made new vectors, its requests and their cost; null where the run used
  /// the vectors of the files.
  private var embedding: JSONValue {
    guard let settings = options.newVectors?.settings else { return .null }
    let usage = report.usage
    return [
      "provider": .string(settings.provider.rawValue), "model": .string(settings.model),
      "destination": .string(settings.destination),
      "requests": JSONValue(usage?.requests), "retries": JSONValue(usage?.retries),
      "texts": JSONValue(usage?.texts), "reused": JSONValue(usage?.reused),
      "tokens": JSONValue(usage?.tokens), "estimated_tokens": JSONValue(usage?.estimatedTokens),
      "cost": JSONValue(usage?.cost),
      "forecast": report.plan.texts.map { texts in
        [
          "texts": .int(texts.texts), "reused": .int(texts.reused), "pending": .int(texts.pending),
          "blank": .int(texts.blank), "bytes": .int(texts.bytes), "tokens": .int(texts.tokens),
          "requests": .int(texts.requests),
          "cost": JSONValue(settings.price.cost(ofTokens: texts.tokens)),
          "cost_at_most": JSONValue(settings.price.cost(ofTokens: texts.mostTokens)),
        ]
      } ?? .null,
    ]
  }
}

extension Failure {
  /// The failure as `--json` shows it.
  var json: JSONValue {
    ["kind": .string(kind.rawValue), "reason": .string(reason), "remedy": JSONValue(remedy)]
  }
}

extension StoreResult {
  fileprivate var json: JSONValue {
    [
      "user": .string(name.user), "collection": .string(name.collection),
      "path": .string(planned.store.path), "format": .string(planned.store.format.name),
      "outcome": .string(outcome.name), "action": .string(planned.action.name),
      "vectors": JSONValue(contents?.vectors), "entries": JSONValue(contents?.entries),
      "documents": JSONValue(contents?.documents),
      "distinct_vectors": JSONValue(contents?.equalDocuments?.distinctVectors),
      "distinct_texts": JSONValue(contents?.equalDocuments?.distinctTexts),
      "distinct_documents": JSONValue(contents?.equalDocuments?.distinctDocuments),
      "source_dimensions": JSONValue(contents?.dimensions),
      "encrypted": JSONValue(contents?.isEncrypted),
      "reduction": planned.reduction?.json ?? .null,
      "fidelity": measurement?.json ?? .null,
      "alternatives": planned.alternatives?.json ?? .null,
      "overlap": overlap?.json ?? .null,
      "findings": .array(
        ((contents?.findings ?? []) + [planned.emptying].compactMap(\.self)).map(
          JSONValue.string)),
      "kept": kept.json, "unlisted": planned.unlisted?.json ?? .null,
      "adoption": adoption.json, "removes": JSONValue(planned.removes),
      "losses": .array((losses.isEmpty ? planned.losses : losses).map(\.json)),
      "backup": JSONValue(backup), "seconds": .double(seconds),
      "failure": failure?.json ?? .null,
    ]
  }
}

extension KeptDocuments {
  /// The rows that the run left unchanged, as `--json` shows them.
  var json: JSONValue {
    ["count": .int(count), "first": .array(first.map(JSONValue.string))]
  }
}

extension ReferringTable {
  /// The table that refers to documents, as `--json` shows it.
  var json: JSONValue {
    [
      "table": .string(table.description), "constraint": .string(constraint),
      "action": .string(action.rawValue), "on": .string(isOnUpdate ? "update" : "delete"),
      "through": JSONValue(through?.description),
    ]
  }
}

extension ReferringRows {
  /// The rows that are deleted or changed together with documents, as `--json` shows them.
  var json: JSONValue {
    [
      "table": .string(table.description), "deleted": JSONValue(deleted),
      "changed": JSONValue(changed),
    ]
  }
}

extension UnlistedRows {
  fileprivate var json: JSONValue {
    [
      "choice": .string(choice.rawValue), "rows": mayBeMore && count == 0 ? .null : .int(count),
      "equal": .int(equal),
      "other": .int(count - equal), "doubled": .int(doubled), "known_store": .bool(isKnown),
      "may_be_more": .bool(mayBeMore),
    ]
  }
}

extension AdoptionReport {
  fileprivate var json: JSONValue {
    [
      "kept": .int(kept), "replaced": .int(replaced), "not_adopted": .int(notAdopted),
      "alongside": .int(alongside), "released": .int(released),
      "rows": .array(rows.map(\.json)),
    ]
  }
}

extension AdoptionReport.Row {
  fileprivate var json: JSONValue {
    var parts: [DocumentDifference.Part] = []
    var reason: Reason?
    let name: String
    switch action {
    case .kept: name = "kept"
    case .replaced(let replaced):
      parts = replaced
      name = replaced.contains(.vector) ? "vector_replaced" : "metadata_replaced"
    case .notAdopted(let why):
      reason = why
      name = "not_adopted"
    }
    return [
      "id": .string(id), "position": JSONValue(position), "action": .string(name),
      "parts": .array(parts.map { .string($0.rawValue) }), "reason": JSONValue(reason?.rawValue),
    ]
  }
}

extension StoreResult.Outcome {
  /// The outcome as `--json`, logs and metrics name it.
  var name: String {
    switch self {
    case .planned: "planned"
    case .migrated: "migrated"
    case .unchanged: "unchanged"
    case .empty: "empty"
    case .failed: "failed"
    }
  }
}

extension PlannedStore.Action {
  /// The work on a store as `--json` and logs name it.
  var name: String {
    switch self {
    case .insert: "insert"
    case .replace: "replace"
    case .unchanged: "unchanged"
    case .leaveEmpty: "empty"
    case .refuse: "refuse"
    }
  }
}

extension Alternatives {
  fileprivate var json: JSONValue {
    [
      "rows": .int(rows), "sample_rows": .int(sampleRows), "queries": .int(queries),
      "skipped": JSONValue(skipped),
      "methods": .array(
        ways.map { way in
          [
            "method": .string(way.method.name), "dimensions": .int(way.dimensions),
            "recall": .double(way.recall), "bytes_per_row": .int(way.bytesPerRow),
            "indexed_bytes_per_row": .int(way.indexedBytesPerRow),
          ]
        }),
    ]
  }
}

extension StorageMethod {
  fileprivate var name: String {
    switch self {
    case .projected: "pca"
    case .truncated: "truncate"
    case .halfPrecision: "halfvec"
    case .reranked: "pca_rerank"
    }
  }
}

extension ModelStorage {
  fileprivate var json: JSONValue {
    func cost(_ cost: Cost) -> JSONValue {
      ["models": .int(cost.models), "bytes": .int(cost.bytes)]
    }
    return ["per_store": cost(perStore), "shared": cost(shared)]
  }
}

extension Reduction {
  fileprivate var json: JSONValue {
    switch self {
    case .none: ["method": "none"]
    case .project(let kind, let source, let target):
      ["method": .string(kind.rawValue), "from": .int(source), "to": .int(target)]
    case .extend(let source, let target):
      ["method": "extend", "from": .int(source), "to": .int(target)]
    }
  }
}
