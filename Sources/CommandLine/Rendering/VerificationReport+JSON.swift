internal import Ledger
internal import Embedding
internal import JSON
internal import Models
internal import Stores
internal import VectorMath
internal import Verification

extension VerificationReport {
  /// Returns the report as `verify --json` shows it; docs/JSON.md describes the members.
  func json(database: String, exitCode: ExitCode) -> JSONValue {
    [
      "database": .string(database), "table": .string(table),
      "warnings": .array(warnings.map(JSONValue.string)),
      "stores": .array(stores.map(\.json)),
      "summary": [
        "total": .int(stores.count), "verified": .int(verified), "not_migrated": .int(notMigrated),
        "not_looked_at": .int(stores.count { !$0.notLookedAt.isEmpty }),
        "not_begun": .int(notBegun.count),
      ],
      "usage": usage.map { usage in
        var object = JSONObject()
        usage.write(to: &object)
        return .object(object)
      } ?? .null,
      "outage": outage?.json ?? .null, "not_begun": notBegun.json,
      "interrupted": .bool(wasInterrupted), "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension StoreVerification {
  fileprivate var json: JSONValue {
    let against: JSONValue =
      switch reference {
      case .source(let path): ["kind": "source", "path": .string(path)]
      case .backup(let path): ["kind": "backup", "path": .string(path)]
      case nil: .null
      }
    return [
      "user": .string(name.user), "collection": .string(name.collection), "against": against,
      "outcome": .string(outcome.name),
      "documents": [
        "source": JSONValue(counts.source), "ledger": .int(counts.ledger),
        "table": .int(counts.table), "adopted": .int(counts.adopted),
        "added": .int(counts.added),
        "alongside": .int(counts.alongside), "doubles": .int(counts.doubles),
      ],
      "vectors": [
        "exact": .int(counts.exactVectors), "rounded": .int(counts.roundedVectors),
        "from_originals": .int(counts.halvedVectors), "originals": .int(counts.originals),
      ],
      "differences": differences.json,
      "problems": .array(problems.map(JSONValue.string)),
      "notes": .array(notes.map(JSONValue.string)),
      "not_looked_at": .array(notLookedAt.map(JSONValue.string)), "absence": JSONValue(absence),
      "refusal": refusal?.json ?? .null,
      "service": service?.json ?? .null,
      "recall": recall?.json ?? .null, "failure": failure?.json ?? .null,
    ]
  }
}

extension ServiceSample {
  fileprivate var json: JSONValue {
    [
      "texts": .int(texts), "compared": .int(compared), "differing": .int(differing),
      "farthest": JSONValue(farthest), "repeats": JSONValue(repeats), "accepted": .double(accepted),
    ]
  }
}

extension StoreVerification.Outcome {
  fileprivate var name: String {
    switch self {
    case .verified: "verified"
    case .different: "different"
    case .notMigrated: "not_migrated"
    case .failed: "failed"
    }
  }
}

extension DifferenceList {
  fileprivate var json: JSONValue {
    var kinds = JSONObject()
    for kind in DocumentDifference.Kind.allCases { kinds[kind.rawValue] = .int(tally[kind] ?? 0) }
    return [
      "count": .int(count), "kinds": .object(kinds),
      "first": .array(
        first.map { difference in
          [
            "kind": .string(difference.kind.rawValue), "id": .string(difference.id),
            "position": JSONValue(difference.position),
            "parts": .array(difference.parts.map { .string($0.rawValue) }),
          ]
        }),
    ]
  }
}

extension SearchRecall {
  fileprivate var json: JSONValue {
    [
      "recall": .double(recall), "neighbours": .int(neighbours), "queries": .int(queries),
      "expected": .double(expected), "cut_recall": JSONValue(cutRecall),
      "added_recall": JSONValue(recorded?.fidelity.addedRecall),
      "doubled_recall": JSONValue(recorded?.fidelity.doubledRecall),
      "reduced_recall": JSONValue(recorded?.fidelity.recall),
      "reranked_recall": JSONValue(recorded?.rerankedRecall),
    ]
  }
}
