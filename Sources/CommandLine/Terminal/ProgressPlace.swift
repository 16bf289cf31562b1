internal import Messages
internal import Synchronization

/// The place where a printer shows its progress: one line or none.
final class ProgressPlace: Sendable {
  private let diagnostics: Diagnostics
  private let line = Mutex<Progress?>(nil)

  init(on diagnostics: Diagnostics) { self.diagnostics = diagnostics }

  /// The progress line that is shown now; nil where there is none.
  var current: Progress? { line.withLock { $0 } }

  /// Shows a new progress line at zero, in place of the line before.
  func begin(_ label: Message, total: Int?, unit: ProgressFrame.Unit) {
    end()
    let next = Progress(label, total: total, unit: unit, on: diagnostics)
    line.withLock { $0 = next }
  }

  /// Removes the progress line.
  func end() {
    let last = line.withLock { line in
      defer { line = nil }
      return line
    }
    last?.finish()
  }
}
