internal import Doctor
internal import Embedding
internal import JSON
internal import Layouts
internal import Ledger
internal import Machine
internal import Messages
internal import Migration
internal import Models
internal import Postgres
internal import Stores
internal import VectorIndex
internal import VectorMath

extension MigrationEvent {
  /// A line of the log: its name and its members.
  typealias Record = (name: String, members: JSONObject)

  /// The lines of the log that the event leads to; docs/EVENTS.md describes them.
  var records: [Record] {
    switch self {
    case .begun(let run): [("run_begun", ["id": .string(run.description)])]
    case .databaseUnreachable(let reason): [("database_unreachable", ["reason": .string(reason)])]
    case .examined(let finding):
      [
        (
          "database_examined",
          [
            "check": .string(finding.check), "finding": .string(finding.text),
            "remedy": JSONValue(finding.remedy),
          ]
        )
      ]
    case .found(let stores): [("stores_found", ["stores": .int(stores.count)])]
    case .planned(let plan): plan.records
    case .backupsStarted(let directory):
      [("backups_started", ["directory": .string(directory)])]
    case .backupCreated(let name, let folder):
      [("store_copied", name.members(["folder": .string(folder)]))]
    case .fetchStarted(let texts): [("embedding_started", ["texts": .int(texts)])]
    case .fetchEnded(let usage, let failed):
      [
        (
          "embedding_ended",
          [
            "requests": .int(usage.requests), "texts": .int(usage.texts),
            "reused": .int(usage.reused), "cost": JSONValue(usage.cost),
            "failed_stores": .int(failed),
          ]
        )
      ]
    case .server(let event): [("server", ["message": .string(event.message.plain)])]
    case .connectionRefused(let failure): [("connection_refused", failure.members)]
    case .setUpRetried(let failure, let seconds):
      [("set_up_retried", failure.members.with("wait_seconds", .double(seconds)))]
    case .indexPlanned(let plan):
      [("index_started", ["table": .string(plan.facts.table.name.description)])]
    default: storeRecord.map { [$0] } ?? []
    }
  }

  /// The line of an event of one store; nil for other events, and for those that only count.
  private var storeRecord: Record? {
    switch self {
    case .storeStarted(let store): ("store_started", store.name.members([:]))
    case .storeOpened(let store, let contents):
      (
        "store_opened",
        store.name.members([
          "documents": .int(contents.documents), "vectors": .int(contents.vectors),
          "dimensions": .int(contents.dimensions), "encrypted": .bool(contents.isEncrypted),
        ])
      )
    case .modelFitting(let store, let kind, let source, let target):
      (
        "model_fitting",
        store.name.members([
          "kind": .string(kind.rawValue), "from": .int(source), "to": .int(target),
        ])
      )
    case .sharedModelUsed(let store, let source, let target):
      ("shared_model_used", store.name.members(["from": .int(source), "to": .int(target)]))
    case .modelFitted(let store, let model, _):
      ("model_measured", store.name.members(["fidelity": model.measurement.json]))
    case .storeWriting(let store, let documents, _):
      ("store_loading", store.name.members(["documents": .int(documents)]))
    case .loadedAgain(let store, let keepsOriginals):
      ("store_loaded_again", store.name.members(["keeps_originals": .bool(keepsOriginals)]))
    case .storeRetried(let store, let failure, let seconds):
      (
        "store_retried",
        store.name.members(failure.members.with("wait_seconds", .double(seconds)))
      )
    case .storeTaken(let store, let holder, let isWaitedFor):
      (
        "store_taken",
        store.name.members(["holder": .string(holder), "waits": .bool(isWaitedFor)])
      )
    case .storeFinished(let result):
      ("store_finished", result.name.members(result.members))
    default: nil
    }
  }
}

extension MigrationPlan {
  /// The lines that say what the run will do: one for the plan, and one for each store.
  fileprivate var records: [MigrationEvent.Record] {
    let whole: MigrationEvent.Record = (
      "planned",
      [
        "table": .string(target.table.description), "stores": .int(stores.count),
        "stores_to_write": .int(toMigrate.count), "jobs": .int(jobs),
      ]
    )
    return [whole]
      + stores.map { store in
        (
          "store_planned",
          store.name.members([
            "action": .string(store.action.name), "path": .string(store.store.path),
            "documents": JSONValue(store.contents?.documents),
          ])
        )
      }
  }
}

extension StoreResult {
  /// The outcome of the store, its documents and its time, and the reason where it failed.
  fileprivate var members: JSONObject {
    var members: JSONObject = [
      "outcome": .string(outcome.name), "documents": JSONValue(contents?.documents),
      "seconds": .double(seconds),
    ]
    for (name, value) in failure?.members.members ?? [] { members[name] = value }
    return members
  }
}

extension Failure {
  /// The failure's parts.
  fileprivate var members: JSONObject {
    ["kind": .string(kind.rawValue), "reason": .string(reason), "remedy": JSONValue(remedy)]
  }
}

extension StoreName {
  /// Returns the members after those that name the store.
  fileprivate func members(_ others: JSONObject) -> JSONObject {
    var members: JSONObject = ["user": .string(user), "collection": .string(collection)]
    for (name, value) in others.members { members[name] = value }
    return members
  }
}

extension JSONObject {
  /// Returns the object with one more member.
  fileprivate func with(_ name: String, _ value: JSONValue) -> JSONObject {
    var object = self
    object[name] = value
    return object
  }
}
