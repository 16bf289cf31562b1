internal import Files
internal import Models
internal import Ledger
internal import Postgres
internal import OwnSchema
internal import Stores
internal import VectorMath

extension DimensionChange {
  /// Returns the model that reduces the vectors, and the model's id where it is in the database
  /// already; nil for both where the vectors get longer.
  func fit(_ column: VectorColumn, target: Int) throws -> (FittedModel?, Int?) {
    guard target < column.dimensions else { return (nil, nil) }
    let cuts = try options.truncates || returnsFromWidening(column, to: target)
    let shape = ModelTable.Shape(
      source: column.dimensions, target: target, kind: cuts ? .truncated : .uncentered)
    return try connection.transaction(.repeatableRead, readOnly: true) {
      let models = ModelTable(connection: connection)
      // A preview does not upgrade a schema of an earlier version; a change has already done so.
      let isInstalled =
        try FerrySchema.installedVersion(on: connection) == FerrySchema.currentVersion
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

  /// Fits and measures a model; it is measured with rows that it was not fitted to, which stand for
  /// later documents.
  private func measured(_ shape: ModelTable.Shape, known: Projection?, _ rows: ColumnRows) throws
    -> FittedModel
  {
    let fit = ModelFit(engine: try Engine(isStopped: { StopRequest.isMade }))
    let heldOut = try rows.part(.heldOut)
    let fitted = try rows.part(.fitted)
    var basis = ModelBasis(fitted: 0, isKnown: known != nil, rows: rows.count)
    var projection = known
    if shape.kind != .truncated {
      // With so few rows, or none left to measure with, the model is fitted to all rows; it then
      // suits only these rows, which the operator must accept.
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
      "\(rows) rows are too few to fit and measure a model of \(target) dimensions: "
        + "documents that are added later would be reduced badly",
      remedy: "wait until there are more rows, keep the first components (--reduce truncate), or "
        + "give --accept-few-rows if no other rows will be added")
  }

  private func check(_ model: FittedModel, target: Int) throws(Failure) {
    let recall = model.fidelity.recall
    guard recall < options.minimumRecall else { return }
    throw Failure(
      .preflight,
      "recall@\(model.fidelity.neighbours) at \(target) dimensions would be "
        + "\(recall.rounded(digits: 3)), below --min-recall \(options.minimumRecall)",
      remedy:
        "choose more dimensions (--to), accept the lower recall with --min-recall, or leave the "
        + "column as it is and index its half precision, which pgvector allows up to 4,000 "
        + "dimensions")
  }

  /// Returns true where the column had this dimension before and was only extended by zeros since
  /// then.
  ///
  /// The change then only removes these zeros, so that all vectors stay comparable with vectors of
  /// the earlier dimension. Throws where vectors were projected or embedded again since then.
  func returnsFromWidening(_ column: VectorColumn, to target: Int) throws -> Bool {
    let changes = try records.all().filter {
      $0.table == column.table && $0.column == column.name.name && $0.state != .undone
    }
    guard let last = changes.lastIndex(where: { $0.from == target }) else { return false }
    guard changes[last...].allSatisfy({ $0.model == nil }) else {
      throw Failure(
        .preflight,
        "the column had \(target) dimensions before, with vectors of another embedding model: the "
          + "vectors of the two models could not be distinguished",
        remedy: "choose another number of dimensions, or embed the texts again (--reembed)")
    }
    guard changes[last...].allSatisfy({ $0.method == .zeros }) else {
      throw Failure(
        .preflight,
        "the column had \(target) dimensions before: the dimensions that were left out cannot be "
          + "restored",
        remedy:
          "undo the earlier change (dimensions undo), or embed the texts again (--reembed)")
    }
    return true
  }
}

/// The numbers of rows that a model was fitted to and was measured with.
package struct ModelBasis: Sendable, Equatable {
  /// The number of rows that the model was fitted to; zero for a model that only cuts vectors,
  /// which is not fitted.
  package internal(set) var fitted: Int
  /// The number of rows that were left out of fitting and used as queries; zero where any row could
  /// be a query.
  package internal(set) var heldOut = 0
  /// True where the model was in the database already.
  package let isKnown: Bool
  /// The number of rows that were searched in the measurement.
  package let rows: Int

  init(fitted: Int, isKnown: Bool, rows: Int) {
    self.fitted = fitted
    self.isKnown = isKnown
    self.rows = rows
  }
}
