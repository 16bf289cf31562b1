internal import Journal
internal import Ledger
internal import Models
internal import Stores
internal import VectorMath

extension StoreResult {
  /// The figures of the store that the journal keeps for the page of the run.
  var figures: StoreFigures {
    StoreFigures(
      remedy: failure?.remedy, format: planned.store.format.name, bytes: Int(planned.store.size),
      storedDimensions: storedDimensions,
      milliseconds: Int((seconds * 1000).rounded()), recall: measurement.map(RecordedRecall.init))
  }

  /// The length of each vector in the database; nil where nothing was written.
  private var storedDimensions: Int? {
    guard outcome.isMigrated else { return nil }
    return switch planned.reduction {
    case .project(_, _, let target), .extend(_, let target): target
    case .some(.none), nil: contents?.dimensions
    }
  }
}

extension RecordedRecall {
  fileprivate init(_ measurement: ModelMeasurement) {
    let fidelity = measurement.fidelity
    self.init(
      full: fidelity.recall, neighbours: fidelity.neighbours, queries: fidelity.queries,
      scoreChange: fidelity.largestScoreChange, cut: fidelity.cutRecall,
      added: fidelity.addedRecall, doubled: fidelity.doubledRecall,
      ranked: measurement.rerankedRecall, keepsOriginals: measurement.keepsOriginals)
  }
}

extension MigrationReport {
  /// The figures of the whole run that the journal keeps for the page of the run.
  var figures: [String: RunFigure] {
    var figures: [String: RunFigure] = [
      RunFigure.seconds: .number(seconds), RunFigure.jobs: .number(Double(plan.jobs)),
      RunFigure.dimensions: .number(Double(plan.target.dimensions)),
    ]
    for time in timings {
      figures[RunFigure.stagePrefix + time.stage.rawValue] = .number(time.seconds)
    }
    for space in [spaceBefore, spaceAfter].compactMap(\.self) {
      figures[RunFigure.server] = .text(space.server)
      figures[RunFigure.pgvector] = space.pgvector.map(RunFigure.text)
    }
    for part in RunFigure.Part.allCases {
      figures[part.before] = spaceBefore.map { .number(Double($0.size(of: part))) }
      figures[part.after] = spaceAfter.map { .number(Double($0.size(of: part))) }
    }
    if let outage { figures[RunFigure.outage] = .text(outage.description) }
    if let failure = index.failure { figures[RunFigure.index] = .text(failure.description) }
    return figures
  }
}

extension DatabaseSpace {
  fileprivate func size(of part: RunFigure.Part) -> Int {
    switch part {
    case .table: table
    case .indexes: indexes
    case .ownSchema: ownSchema
    }
  }
}
