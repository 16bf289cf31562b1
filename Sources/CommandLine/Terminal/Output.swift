internal import Messages
internal import JSON
internal import Stores
import Synchronization

/// Standard output: results, and nothing else.
///
/// A reader that goes away (`vector-ferry scan | head`) ends the writing quietly: what follows is
/// dropped, `isClosed` tells commands that only print to stop early, and a migration goes on. The
/// exit code is that of the work. Any other failure, such as a full disk, is thrown by `finish`.
final class Output: Sendable {
  private struct State {
    var buffer: [UInt8] = []
    var failure: SinkFailure?
  }

  /// What is known about the device.
  let profile: TerminalProfile
  private let sink: any ByteSink
  private let state = Mutex(State())
  private let capacity: Int

  /// Results to `sink`; buffered, on a terminal up to the end of each write only.
  init(_ sink: any ByteSink, profile: TerminalProfile, capacity: Int = 1 << 16) {
    self.sink = sink
    self.profile = profile
    self.capacity = profile.isTerminal ? 0 : capacity
  }

  /// Prints a message as a line of its own.
  func print(_ message: Message = "") { write(raw: profile.palette.render(message) + "\n") }

  /// Prints a document as it is, with a final line feed.
  func print(json document: JSONValue) { write(raw: document.text + "\n") }

  /// Writes text as it is; it must not contain values from outside that are not escaped.
  func write(raw text: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      state.buffer += text.utf8
      if state.buffer.count >= capacity { flush(&state) }
    }
  }

  /// Writes out what is buffered.
  func flush() { state.withLock { flush(&$0) } }

  /// True once nobody reads any more.
  var isClosed: Bool { state.withLock { $0.failure == .closed } }

  /// Writes out what is buffered, and tells whether everything arrived.
  ///
  /// - Throws: the first failure, except that the reader went away.
  func finish() throws(SinkFailure) {
    let failure = state.withLock { state in
      flush(&state)
      return state.failure
    }
    if let failure, failure != .closed { throw failure }
  }

  private func flush(_ state: inout State) {
    guard state.failure == nil, !state.buffer.isEmpty else { return }
    do { try sink.write(state.buffer) } catch { state.failure = error }
    state.buffer.removeAll(keepingCapacity: true)
  }
}
