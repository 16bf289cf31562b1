internal import Messages
internal import JSON
internal import Stores
import Synchronization

/// The stream for results on standard output; nothing else goes there.
///
/// When a reader closes the pipe (`vector-ferry scan | head`), later output is dropped without an
/// error, `isClosed` becomes true, and the command continues and ends with its own exit code.
/// `finish` throws any other failure, such as a full disk.
final class Output: Sendable {
  private struct State {
    var buffer: [UInt8] = []
    var failure: SinkFailure?
  }

  /// The properties of the terminal, file or pipe to which the stream is written.
  let profile: TerminalProfile
  private let sink: any ByteSink
  private let state = Mutex(State())
  private let capacity: Int

  /// Creates the stream to `sink`; on a terminal, each write goes to the sink at once.
  init(_ sink: any ByteSink, profile: TerminalProfile, capacity: Int = 1 << 16) {
    self.sink = sink
    self.profile = profile
    self.capacity = profile.isTerminal ? 0 : capacity
  }

  /// Prints a message on a line of its own.
  func print(_ message: Message = "") { write(raw: profile.palette.render(message) + "\n") }

  /// Prints a JSON document, with a final line feed.
  func print(json document: JSONValue) { write(raw: document.text + "\n") }

  /// Writes text unchanged; the caller has escaped values from outside.
  func write(raw text: String) {
    state.withLock { state in
      guard state.failure == nil else { return }
      state.buffer += text.utf8
      if state.buffer.count >= capacity { flush(&state) }
    }
  }

  /// Writes the buffered text to the sink.
  func flush() { state.withLock { flush(&$0) } }

  /// True once the reader has closed the pipe.
  var isClosed: Bool { state.withLock { $0.failure == .closed } }

  /// Writes the buffered text to the sink, and checks that everything was written.
  ///
  /// - Throws: the first failure, unless the reader has closed the pipe.
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
