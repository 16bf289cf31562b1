internal import Messages
internal import Backups
internal import Models
internal import JSON
internal import Stores
internal import VectorMath

/// Prints models for people.
struct ProjectionPrinter {
  let console: Console

  /// Prints one line for each store that uses a model, and for each unused model.
  func list(_ models: [StoredModel], including: (StoreName) -> Bool) {
    guard !models.isEmpty else {
      console.print("No projections: no store's vectors were made shorter")
      return
    }
    var table = Table([
      .right("MODEL"), .left("USER"), .left("COLLECTION"), .left("KIND"), .right("FROM"),
      .right("TO"), .right("ENERGY"), .right("RECALL@10"), .right("FITTED TO"), .left("FITTED AT"),
      .left("RUN"),
    ])
    for model in models {
      let uses = model.uses.filter { including($0.store) }
      for use in uses { table.append(line(of: model, use)) }
      if model.uses.isEmpty { table.append(line(of: model, nil)) }
    }
    console.print(table)
  }

  private func line(of model: StoredModel, _ use: StoredModel.Use?) -> [Message] {
    [
      "\(model.id)", "\(use?.store.user ?? "–")", "\(use?.store.collection ?? "–")",
      model.kindMessage, "\(model.inputDimensions)", "\(model.outputDimensions)",
      "\(model.capturedEnergy.map { $0.shown(digits: 4) } ?? "–")",
      "\(use?.measurement.map { $0.fidelity.recall.shown(digits: 3) } ?? "–")",
      "\(model.rowsMessage)", "\(model.fittedAt)",
      "\(model.run.map { String($0.prefix(8)) } ?? "–")",
    ]
  }

  /// Prints everything about one model.
  func show(_ model: StoredModel, _ projection: Projection) {
    console.print("\("Model \(model.id)", .bold): \(model.kindMessage)")
    console.print(
      "Reduces \(model.inputDimensions) to \(model.outputDimensions) dimensions")
    console.print("Fitted to \(model.rowsMessage) at \(model.fittedAt)")
    if let run = model.run { console.print("Run: \(run)") }
    if let energy = model.capturedEnergy {
      let exact: Message =
        model.isExact && !model.isShared ? ": scores of the fitted documents are exact" : ""
      console.print(
        """
        \(counted(model.rank, "component")) keep \((100 * energy).shown(digits: 2)) % of the \
        energy\(exact)
        """)
      showEnergies(of: projection)
    }
    for use in model.uses { show(use) }
  }

  private func showEnergies(of projection: Projection) {
    guard projection.rank > 0 else { return }
    var table = Table([.right("COMPONENTS"), .right("ENERGY KEPT")])
    for (count, share) in projection.energyMilestones {
      table.append(["\(grouped(count))", "\((100 * share).shown(digits: 2)) %"])
    }
    console.print()
    console.print(table)
    let wanted = [0.5, 0.9, 0.99].compactMap { share -> Message? in
      projection.components(keeping: share).map { "\((100 * share).shown(digits: 0)) % in \($0)" }
    }
    if !wanted.isEmpty { console.print("Energy by components: " + wanted.joined(separator: ", ")) }
    console.print()
  }

  private func show(_ use: StoredModel.Use) {
    let originals = use.keepsOriginals ? ", originals kept" : ""
    console.print(
      """
      \(use.store.description): \(counted(use.documents, "document")) in \(use.table)\(originals)
      """)
    for line in use.measurement?.messages ?? [] { console.print("  " + line) }
  }
}

extension StoredModel {
  /// The kind of the model: `uncentered`, or `shared uncentered` for a shared model.
  fileprivate var kindMessage: Message { "\(isShared ? "shared " : "")\(kind.rawValue)" }

  /// The number of rows to which the model was fitted, with the number of all rows where it
  /// differs.
  fileprivate var rowsMessage: Message {
    fittedRows == population || population == 0
      ? "\(grouped(fittedRows)) rows" : "\(grouped(fittedRows)) of \(grouped(population)) rows"
  }

  /// The model as `projection list --json` shows it.
  var json: JSONValue { .object(members) }

  private var members: JSONObject {
    var object = JSONObject()
    object["id"] = .int(id)
    object["shared"] = .bool(isShared)
    object["kind"] = .string(kind.rawValue)
    object["from"] = .int(inputDimensions)
    object["to"] = .int(outputDimensions)
    object["rank"] = .int(rank)
    object["fitted_rows"] = .int(fittedRows)
    object["population"] = .int(population)
    object["exact"] = .bool(isExact)
    object["captured_energy"] = capturedEnergy.map { .double($0) } ?? .null
    object["fitted_at"] = .string(fittedAt)
    object["run"] = JSONValue(run)
    object["stores"] = .array(uses.map(\.json))
    return object
  }

  /// Returns the model as `projection show --json` shows it.
  func json(with projection: Projection) -> JSONValue {
    var object = members
    object["energy_ratios"] = .array(projection.energyRatios.map { .double($0) })
    return .object(object)
  }

  /// Returns the name of the exported file, for an operator who names no file.
  func fileName(for store: StoreName?) -> String {
    if let store = store ?? (isShared ? nil : uses.first?.store) {
      return FittedModel.fileName(of: store)
    }
    return "\(FittedModel.sharedPrefix)\(inputDimensions)_\(outputDimensions).npz"
  }
}

extension StoredModel.Use {
  fileprivate var json: JSONValue {
    let fidelity = measurement?.fidelity
    return [
      "user": .string(store.user), "collection": .string(store.collection),
      "table": .string(table), "documents": .int(documents),
      "recall": fidelity.map { .double($0.recall) } ?? .null,
      "largest_score_change": fidelity.map { .double($0.largestScoreChange) } ?? .null,
      "queries": fidelity.map { .int($0.queries) } ?? .null,
      "cut_recall": JSONValue(fidelity?.cutRecall),
      "added_recall": JSONValue(fidelity?.addedRecall),
      "doubled_recall": JSONValue(fidelity?.doubledRecall),
      "keeps_original": .bool(keepsOriginals),
      "reranked_recall": JSONValue(measurement?.rerankedRecall),
    ]
  }
}

extension Projection {
  /// The shares of energy that the first 1, 2, 5, 10, 20 … components keep, up to all components
  /// that have energy.
  var energyMilestones: [(count: Int, share: Double)] {
    let sums = cumulativeEnergy
    let steps = [1, 2, 5].flatMap { digit in
      [1, 10, 100, 1000, 10_000].map { digit * $0 }
    }
    // An aligned projection may have more components than directions with energy.
    let directions = energyRatios.lastIndex { $0 > 0 }.map { $0 + 1 } ?? rank
    return (steps.filter { $0 < directions }.sorted() + [directions]).map { ($0, sums[$0 - 1]) }
  }

  /// Returns the number of components that together keep this share of the energy; nil where even
  /// all of them keep less.
  func components(keeping share: Double) -> Int? {
    cumulativeEnergy.firstIndex { $0 >= share }.map { $0 + 1 }
  }

  /// The share of energy that the first component keeps, the first two, and so on.
  var cumulativeEnergy: [Double] {
    var sum = 0.0
    return energyRatios.map { ratio in
      sum += ratio
      return min(1, sum)
    }
  }
}
