internal import Messages
internal import Ledger
internal import JSON
internal import Stores

extension Console {
  /// Reports that the server does not answer or is back.
  func report(_ event: ServerEvent) {
    switch event {
    case .away: diagnostics.warn(event.message)
    case .back: diagnostics.note(event.message)
    }
  }
}

extension ServerEvent {
  /// The event in words.
  var message: Message {
    switch self {
    case .away(let failure, let seconds):
      """
      the server does not answer: \(failure.reason); trying again for up to \
      \(counted(seconds, "second")) (--give-up-after)
      """
    case .back(let seconds): "The server is back after \(seconds.shown(digits: 1)) seconds."
    }
  }
}

extension Failure {
  /// Creates the last lines of a command that stopped because the server did not come back.
  ///
  /// The lines name the reason and the numbers of stores that failed or were not begun.
  func verdict(failed: Int, notBegun: [StoreName]) -> [Message] {
    var lines: [Message] = [
      """
      ❌ Stopped: \(reason); \(counted(failed, "store")) failed, \(grouped(notBegun.count)) not begun
      """
    ]
    if let remedy { lines.append("  Remedy: \(remedy)") }
    return lines
  }
}

extension [StoreName] {
  /// The largest number of names that are printed.
  private static let shown = 20

  /// The names of the first stores, one on each line, and the number of further stores.
  var lines: [Message] {
    var lines: [Message] = prefix(Self.shown).map { "  - \($0.description)" }
    if count > Self.shown { lines.append("  … and \(grouped(count - Self.shown)) more") }
    return lines
  }

  /// The names of all stores, as `--json` shows them.
  var json: JSONValue {
    .array(map { ["user": .string($0.user), "collection": .string($0.collection)] })
  }
}
