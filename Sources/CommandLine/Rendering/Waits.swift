internal import Files
internal import Messages
internal import Postgres
internal import Stores

extension Diagnostics {
  /// Reports the present step of the program, where a long step shows no progress of its own.
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
  /// The sentence that says which sessions a statement waits for, and what those sessions hold.
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
