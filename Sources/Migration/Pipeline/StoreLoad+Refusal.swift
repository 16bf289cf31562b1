internal import Layouts
internal import Ledger
internal import Digests
internal import Postgres
internal import Stores

extension StoreLoad {
  /// What an error of the server means for a store; says which document it is about, where the
  /// error tells, and shows no value of it.
  ///
  /// - Parameters:
  ///   - documents: those that were written, in the order of the COPY.
  ///   - target: the table that they were copied into.
  func refusal(_ error: any Error, of documents: [Document], copiedInto target: QualifiedName)
    -> any Error
  {
    if case .unexpected(operation: "COPY", let what)? = error as? PostgresError {
      return Failure(
        .database, what,
        remedy: "a trigger of the table that fires before rows are written keeps some out: let it "
          + "return them, or switch it off while this runs (ALTER TABLE … DISABLE TRIGGER …)")
    }
    guard let server = (error as? PostgresError)?.serverError, server.refusesRow else {
      return error
    }
    let row = server.copiedRow(of: target).map { $0 - 1 }
    let document =
      row.flatMap { documents.indices.contains($0) ? documents[$0] : nil }
      ?? documents.first { server.repeats($0.id.description) }
    if table.saysIDIsTaken(server) { return takenID(of: document, server) }
    let cause = Failure(error)
    let place = document.map { "the document at position \($0.position) (\($0.id)): " } ?? ""
    return Failure(cause.kind, place + cause.reason, remedy: cause.remedy)
  }

  /// What stood in the store's own collection was removed or left alone before: a row with the id
  /// of a document stands in another collection, where only the application can have moved it.
  private func takenID(of document: Document?, _ server: ServerError) -> Failure {
    let taken = Failure(taken: document, in: table)
    return Failure(
      .database, "\(taken.reason), or where row-level security hides it: \(server)",
      remedy: taken.remedy.map { "\($0), then run again with --failed" })
  }
}
