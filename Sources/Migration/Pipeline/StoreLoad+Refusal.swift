internal import Layouts
internal import Ledger
internal import Digests
internal import Postgres
internal import Stores

extension StoreLoad {
  /// Returns the failure of a store for an error of the server; returns the error itself where the
  /// server did not refuse a row.
  ///
  /// The failure names the document where the error shows it, but contains none of its values.
  ///
  /// - Parameters:
  ///   - documents: the written documents, in the order of the COPY.
  ///   - target: the table that the documents were copied into.
  func refusal(_ error: any Error, of documents: [Document], copiedInto target: QualifiedName)
    -> any Error
  {
    if case .unexpected(operation: "COPY", let what)? = error as? PostgresError {
      return Failure(
        .database, what,
        remedy:
          "a trigger of the table that fires before rows are written discards some rows: make "
          + "the trigger return them, or disable it while the command runs (ALTER TABLE … "
          + "DISABLE TRIGGER …)"
      )
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

  /// Returns the failure for a document whose id exists already.
  ///
  /// Rows of the store's own collection were handled before. So the row with this id is in another
  /// collection, and only the application can have moved it there.
  private func takenID(of document: Document?, _ server: ServerError) -> Failure {
    let taken = Failure(taken: document, in: table)
    return Failure(
      .database, "\(taken.reason), or where row-level security hides it: \(server)",
      remedy: taken.remedy.map { "\($0), then run again with --failed" })
  }
}
