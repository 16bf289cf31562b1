internal import Models
internal import Ledger
internal import Postgres
internal import OwnSchema
internal import Stores
internal import VectorMath

extension DimensionChange {
  /// The model, and its number where it is in the database already; nothing for a longer vector.
  func fit(_ column: VectorColumn, target: Int) throws -> (FittedModel?, Int?) {
    guard target < column.dimensions else { return (nil, nil) }
    let cuts = try options.truncates || returnsFromWidening(column, to: target)
    let shape = ModelTable.Shape(
      source: column.dimensions, target: target, kind: cuts ? .truncated : .uncentered)
    return try connection.transaction(.repeatableRead, readOnly: true) {
      let models = ModelTable(connection: connection)
      let isInstalled = try FerrySchema.installedVersion(on: connection) >= 3
      let known = isInstalled ? try models.shared(shape) : nil
      let model = try measured(
        shape, known: try known.map { try models.projection($0) }, try rows(of: column, target))
      return (model, known)
    }
  }

  private func rows(of column: VectorColumn, _ target: Int) throws -> ColumnRows {
    let rows = try ColumnRows(column, on: connection, isInterrupted: isInterrupted)
    guard rows.count > 0 else {
      throw Failure(
        .preflight, "\(column.table) has no vector to fit a model to",
        remedy: "the table is empty: ALTER TABLE … ALTER COLUMN … TYPE vector(\(target))")
    }
    return rows
  }

  /// A model measured with rows that it was not fitted to: they stand for the documents to come.
  private func measured(_ shape: ModelTable.Shape, known: Projection?, _ rows: ColumnRows) throws
    -> FittedModel
  {
    let fit = ModelFit(engine: try Engine(isStopped: { StopRequest.isMade }))
    let heldOut = try rows.part(.heldOut)
    let fitted = try rows.part(.fitted)
    var basis = ModelBasis(fitted: 0, isKnown: known != nil, rows: rows.count)
    var projection = known
    if shape.kind != .truncated {
      // Every row serves where so few are enough only for what is there.
      let isFew = (known?.fittedRows ?? fitted.count) < shape.target || heldOut.count == 0
      if isFew { try refuseFewRows(known?.fittedRows ?? rows.count, shape.target) }
      let source = isFew ? rows : fitted
      basis.fitted = known?.fittedRows ?? source.count
      basis.heldOut = isFew ? 0 : heldOut.count
      projection = try known ?? fit.project(source, kind: shape.kind, target: shape.target)
    }
    let model = try fit.measure(
      try projection ?? fit.project(rows, kind: shape.kind, target: shape.target),
      on: basis.heldOut > 0 ? JoinedRows(sources: [heldOut, fitted]) : JoinedRows(sources: [rows]),
      asking: basis.heldOut > 0 ? basis.heldOut : nil)
    observe(.fitted(model, on: basis))
    try check(model, target: shape.target)
    return model
  }

  private func refuseFewRows(_ rows: Int, _ target: Int) throws(Failure) {
    guard !options.acceptsFewRows else { return }
    throw Failure(
      .preflight,
      "\(rows) rows are too few to fit a model of \(target) dimensions to and to measure it: what "
        + "later documents have beside them would be lost, or make them all alike",
      remedy: "wait until there are more, keep the first components (--reduce truncate), or give "
        + "--accept-few-rows if no others will come")
  }

  private func check(_ model: FittedModel, target: Int) throws(Failure) {
    let recall = model.fidelity.recall
    guard recall < options.minimumRecall else { return }
    throw Failure(
      .preflight,
      "recall@\(model.fidelity.neighbours) at \(target) dimensions would be "
        + "\(recall.rounded(digits: 3)), below --min-recall \(options.minimumRecall)",
      remedy: "take more dimensions, accept it with a lower --min-recall, or leave the column as "
        + "it is and index its half precision, which pgvector allows up to 4,000 dimensions")
  }

  /// True where the column had so many dimensions before and has only been widened since.
  ///
  /// Then the zeros are cut off again, and vectors of that dimension, which pass as they are, go on
  /// being compared with their like. What was projected since would not come back.
  func returnsFromWidening(_ column: VectorColumn, to target: Int) throws -> Bool {
    let changes = try records.all().filter {
      $0.table == column.table && $0.column == column.name.name && $0.state != .undone
    }
    guard let last = changes.lastIndex(where: { $0.from == target }) else { return false }
    guard changes[last...].allSatisfy({ $0.model == nil }) else {
      throw Failure(
        .preflight,
        "the column had \(target) dimensions before, of another embedding model: its vectors could "
          + "not be told from those",
        remedy: "take another number of dimensions, or embed the texts anew (--reembed)")
    }
    guard changes[last...].allSatisfy({ $0.method == .zeros }) else {
      throw Failure(
        .preflight,
        "the column had \(target) dimensions before: what was left out does not come back",
        remedy:
          "take the earlier change back (dimensions undo), or embed the texts anew (--reembed)")
    }
    return true
  }
}

/// What a model was fitted to, and which rows it was measured with.
package struct ModelBasis: Sendable, Equatable {
  /// Rows that it was fitted to; zero for a truncation, to which nothing is fitted.
  package internal(set) var fitted: Int
  /// Rows of the table that were kept from the fitting, out of which the queries were taken; zero
  /// where any row could be a query.
  package internal(set) var heldOut = 0
  /// It was in the database already.
  package let isKnown: Bool
  /// Rows that the queries were compared with.
  package let rows: Int

  init(fitted: Int, isKnown: Bool, rows: Int) {
    self.fitted = fitted
    self.isKnown = isKnown
    self.rows = rows
  }
}
