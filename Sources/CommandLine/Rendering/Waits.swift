internal import Files
internal import Messages
internal import Postgres
internal import Stores

extension Diagnostics {
  /// Reports from now on each long reading of a file, and each statement that waits for a lock.
  func reportWaits() {
    LongReading.observe { [self] reading in
      let done = byteSize(Int(reading.done))
      note("Reading \(reading.path): \(done) of \(byteSize(Int(reading.size)))")
    }
    LockWait.observe { [self] wait in
      if case .unknown = wait.subject { note("\(wait.words)") } else { warn("\(wait.words)") }
    }
  }
}

extension LockWait {
  /// The sentence that names the sessions for which a statement waits, and what these sessions
  /// hold.
  fileprivate var words: String {
    if case .unknown(let reason) = subject {
      return
        "The server has not answered a statement for \(Int(seconds)) s; whether other sessions "
        + "block it is not known: \(reason)"
    }
    let what =
      switch subject {
      case .rows(let table): table.isEmpty ? "rows" : "rows of \(table)"
      case .table(let table): table
      case .other, .unknown: "a lock"
      }
    guard !holders.isEmpty else { return "waiting for \(what), which other sessions hold" }
    let shown = holders.prefix(3).map(\.description).joined(separator: "; ")
    let more = holders.count > 3 ? "; and \(holders.count - 3) more" : ""
    return "waiting for \(what), held by \(shown)\(more)"
  }
}
