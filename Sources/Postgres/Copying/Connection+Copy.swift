internal import CLibPQ
internal import Glibc

extension Connection {
  /// Copies the rows that `body` writes into a table, in binary; header, trailer, flow control and
  /// errors are handled here.
  ///
  /// When `body` throws, the server discards the rows and the same error is thrown.
  /// - Returns: the number of rows that the server took.
  @discardableResult
  public func copyIn(
    _ table: QualifiedName, columns: [Identifier],
    _ body: (inout BinaryCopyWriter) throws -> Void
  ) throws -> Int {
    let list = columns.map(\.quoted).joined(separator: ", ")
    let statement = "COPY \(table.quoted) (\(list)) FROM STDIN (FORMAT binary)"
    try beginCopy(statement, expecting: PGRES_COPY_IN)
    let rows: Int
    do {
      var writer = BinaryCopyWriter(columns: columns.count) { [unowned self] in try put($0) }
      try body(&writer)
      try writer.finish()
      rows = writer.rowCount
    } catch {
      abandonCopy()
      throw error
    }
    let taken = try endCopy(statement)
    guard taken == rows else {
      throw PostgresError.unexpected(
        operation: "COPY", what: "\(rows) rows were sent, the server took \(taken)")
    }
    return taken
  }

  /// Executes a `COPY … FROM stdin` of a SQL file, with the data that follow the statement in the
  /// file.
  @discardableResult
  public func copyIn(statement: SQL, data: [UInt8]) throws(PostgresError) -> Int {
    try beginCopy(statement.text, expecting: PGRES_COPY_IN)
    do throws(PostgresError) {
      for start in stride(from: 0, to: data.count, by: 65_536) {
        let end = min(start + 65_536, data.count)
        try put(Array(data[start..<end]))
      }
    } catch {
      abandonCopy()
      throw error
    }
    return try endCopy(statement.text)
  }

  /// Copies the rows of a query out in binary, and calls `body` for each row.
  public func copyOut(_ query: SQL, _ body: (inout BinaryCopyRow) throws -> Void) throws {
    precondition(query.parameters.isEmpty, "COPY takes no parameters; use Literal")
    let statement = "COPY (\(query.text)) TO STDOUT (FORMAT binary)"
    try beginCopy(statement, expecting: PGRES_COPY_OUT)
    var isFirst = true
    var failure: (any Error)?
    while let message = try nextCopyData() {
      defer { PQfreemem(message.baseAddress) }
      guard failure == nil else { continue }
      do {
        try Self.readRow(UnsafeRawBufferPointer(message), isFirst: isFirst, body)
        isFirst = false
      } catch {
        failure = error
        requestCancel()
      }
    }
    do {
      try lastResult(of: statement, onInterrupt: .unconditional) { _ in }
    } catch {
      throw failure ?? error
    }
    if let failure { throw failure }
  }

  private static func readRow(
    _ message: UnsafeRawBufferPointer, isFirst: Bool,
    _ body: (inout BinaryCopyRow) throws -> Void
  ) throws {
    // The header comes before the first row: 11 bytes of signature, flags, extension.
    let start = isFirst ? 19 : 0
    guard message.count >= start + 2 else {
      throw PostgresError.unexpected(operation: "COPY", what: "a message too short for a row")
    }
    guard var row = BinaryCopyRow(UnsafeRawBufferPointer(rebasing: message[start...])) else {
      return
    }
    try body(&row)
  }

  private func beginCopy(_ statement: String, expecting: ExecStatusType) throws(PostgresError) {
    if isInterrupted() { throw .interrupted }
    try setPath(of: .operators)
    try settleCancelRequest()
    guard PQsendQuery(handle, statement) == 1 else { throw lost("COPY") }
    try awaitResult(onInterrupt: .cancelling, operation: "COPY")
    guard let result = PQgetResult(handle) else {
      throw .unexpected(operation: statement, what: "no result")
    }
    defer { PQclear(result) }
    if PQresultStatus(result) == expecting { return }
    let failure = refusal(result, statement: statement)
    try lastResult(of: statement, onInterrupt: .unconditional) { _ in }
    throw failure
  }

  /// Passes a piece to libpq and waits until it is sent, so that no data accumulate in memory.
  private func put(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    while true {
      switch PQputCopyData(handle, start, Int32(bytes.count)) {
      case 1:
        try flush(onInterrupt: .giveUp, operation: "COPY")
        return
      case 0: _ = try wait(for: POLLOUT, onInterrupt: .giveUp, operation: "COPY")
      default: throw lost("COPY")
      }
    }
  }

  private func put(_ bytes: [UInt8]) throws(PostgresError) {
    // `withUnsafeBytes` does not preserve the type of the errors of its body.
    let outcome = bytes.withUnsafeBytes { room in
      Result { () throws(PostgresError) in try put(room) }
    }
    try outcome.get()
  }

  private func endCopy(_ statement: String) throws(PostgresError) -> Int {
    try finishCopyStream(reason: nil)
    var taken = 0
    try lastResult(of: statement, onInterrupt: .cancelling) { taken = $0.affectedRows }
    return taken
  }

  /// Tells the server to discard the rows, and reads the server's answer, so that the session stays
  /// usable.
  private func abandonCopy() {
    guard isUsable else { return }
    do {
      try finishCopyStream(reason: "the rows could not be completed")
      try lastResult(of: "COPY", onInterrupt: .unconditional) { _ in }
    } catch {
      // The error that led here is the one to report.
    }
  }

  private func finishCopyStream(reason: String?) throws(PostgresError) {
    while true {
      switch PQputCopyEnd(handle, reason) {
      case 1: return try flush(onInterrupt: .unconditional, operation: "COPY")
      case 0: _ = try wait(for: POLLOUT, onInterrupt: .unconditional, operation: "COPY")
      default: throw lost("COPY")
      }
    }
  }

  /// Receives the next message of a COPY out, to be freed by the caller; nil at the end.
  private func nextCopyData() throws(PostgresError) -> UnsafeMutableBufferPointer<CChar>? {
    while true {
      var start: UnsafeMutablePointer<CChar>?
      var count = PQgetCopyData(handle, &start, 1)
      if count == 0 {
        // As for a result, the message may have arrived although libpq waits for more of it.
        _ = try wait(
          for: POLLIN, onInterrupt: .cancelling, operation: "COPY",
          isDone: {
            count = PQgetCopyData(handle, &start, 1)
            return count != 0
          })
      }
      switch count {
      case 1...: return UnsafeMutableBufferPointer(start: start, count: Int(count))
      case 0: if PQconsumeInput(handle) == 0 { throw lost("COPY") }
      case -1: return nil
      default: throw lost("COPY")
      }
    }
  }
}
