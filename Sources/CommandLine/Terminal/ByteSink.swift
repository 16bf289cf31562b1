import Glibc
import Synchronization

/// The target of written bytes: a file descriptor, or memory in tests.
protocol ByteSink: Sendable {
  /// Writes all bytes, or throws an error.
  func write(_ bytes: [UInt8]) throws(SinkFailure)
}

/// The reason why bytes could not be written.
enum SinkFailure: Error, Equatable, Sendable {
  /// The reader at the other end has closed the pipe.
  case closed
  /// The operating system refused the write, with this error number.
  case system(Int32)

  /// The reason in words: `No space left on device`.
  var reason: String {
    switch self {
    case .closed: "the reader has closed the pipe"
    case .system(let code): String(cString: strerror(code))
    }
  }
}

/// A sink that discards everything.
struct DiscardingSink: ByteSink {
  /// Discards all bytes.
  func write(_ bytes: [UInt8]) {}
}

/// A file descriptor that is opened and closed elsewhere.
struct FileDescriptorSink: ByteSink {
  /// The number of the file descriptor to write to.
  let descriptor: Int32

  /// The sink that writes to standard output.
  static let standardOutput = FileDescriptorSink(descriptor: STDOUT_FILENO)
  /// The sink that writes to standard error.
  static let standardError = FileDescriptorSink(descriptor: STDERR_FILENO)

  /// Writes all bytes; a signal or a full pipe delays the write, but does not end it.
  func write(_ bytes: [UInt8]) throws(SinkFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        written += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: waitUntilWritable()
      case EPIPE: throw .closed
      default: throw .system(errno)
      }
    }
  }

  /// Waits until the descriptor accepts bytes, because another program may have made it
  /// non-blocking.
  private func waitUntilWritable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = poll(&request, 1, -1)
  }
}

/// A sink in memory for tests; a test can make it fail.
final class BufferSink: ByteSink {
  private let state = Mutex((bytes: [UInt8](), failure: SinkFailure?.none))

  /// Creates a sink without bytes.
  init() {}

  /// The text of all bytes that were written.
  var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

  /// Makes all later writes fail.
  func fail(with failure: SinkFailure) { state.withLock { $0.failure = failure } }

  /// Appends the bytes.
  func write(_ bytes: [UInt8]) throws(SinkFailure) {
    let failure = state.withLock { state in
      if state.failure == nil { state.bytes += bytes }
      return state.failure
    }
    if let failure { throw failure }
  }
}
