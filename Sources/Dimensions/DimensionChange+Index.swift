internal import OwnSchema
internal import Postgres
internal import Layouts
internal import VectorIndex

extension DimensionChange {
  /// Builds an index on the new column by the rules of `index build`, while the table stays in use.
  ///
  /// The index is of the same kind as that of the old column; where the old column has none, the
  /// size of the table decides.
  func buildSearchIndex(_ change: ChangeRecord, _ column: VectorColumn, _ target: Identifier) throws
  {
    guard options.indexes else { return }
    let own = [connection.backendPID, watcher?.backendPID].compactMap { $0 }
    let facts = { (name: Identifier, dimensions: Int) in
      try TableFacts.read(
        connection,
        table: VectorTable(
          name: QualifiedName(schema: column.schema, column.tableName), dimensions: dimensions),
        column: name, ignoring: own)
    }
    let new = try facts(target, change.to)
    do {
      _ = try IndexedForm.fitting(dimensions: change.to, vectorVersion: new.vectorVersion)
    } catch {
      return observe(.noIndex(reason: error.problem))
    }
    var request = BuildRequest()
    request.concurrency = .always
    request.method = try BuildDecision.existing(
      try facts(column.name, change.from), on: connection)?.method
    switch try BuildDecision.make(request, facts: new, on: connection) {
    case .exists: break
    case .none(let reason): observe(.noIndex(reason: reason))
    case .build(let plan):
      // The build leaves its own settings in the session.
      defer { connection.uninterruptibly { try? session.prepare() } }
      let build = IndexBuild(plan, on: connection, watcher: watcher) { observe(.indexing($0)) }
      observe(.indexed(try build.run()))
    }
  }
}
