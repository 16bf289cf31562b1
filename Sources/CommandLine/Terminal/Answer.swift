internal import Messages
import Glibc

/// The source of the operator's answers: a terminal, or prepared lines in tests.
protocol AnswerSource: Sendable {
  /// True where somebody can answer.
  var canAnswer: Bool { get }
  /// Reads the next line without its line feed; returns nil at the end of the input.
  func nextLine() -> String?
}

/// Answers that are read from standard input, where it is a terminal.
struct TerminalAnswers: AnswerSource {
  /// The number of the file descriptor to read from.
  let descriptor: Int32

  /// True where the descriptor is a terminal; lines from a pipe were not written as answers.
  var canAnswer: Bool { isatty(descriptor) == 1 }

  /// Reads up to a line feed, byte by byte, so that nothing of the next line is consumed.
  func nextLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 4096 {
      // No byte means the end of the input; a signal means that the operator wants to stop.
      guard isReadable(), read(descriptor, &byte, 1) == 1 else {
        return line.isEmpty ? nil : text(line)
      }
      if byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    return text(line)
  }

  /// Waits for input; returns false where a signal asks to stop, also a signal before the wait.
  private func isReadable() -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while !Interruption.isRequested {
      if poll(&request, 1, 100) > 0 { return true }
    }
    return false
  }

  private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
}

/// A source of answers where nobody can be asked.
struct NoAnswers: AnswerSource {
  /// Always false: nobody can be asked.
  var canAnswer: Bool { false }
  /// Always nil: there is no answer.
  func nextLine() -> String? { nil }
}

/// The answer to a question.
enum Answer: Equatable, Sendable {
  /// The operator agreed.
  case yes
  /// The operator did not agree, or ended the input.
  case no
  /// There is nobody to ask.
  case nobody
}

extension Console {
  /// Asks a yes-or-no question; after an unclear answer, repeats the question up to two times.
  func confirm(_ question: Message) -> Answer {
    guard answers.canAnswer else { return .nobody }
    for _ in 0..<3 {
      output.flush()
      diagnostics.ask(question + " [y/N]")
      guard let line = answers.nextLine() else { return .no }
      switch line.lowercased().filter({ !$0.isWhitespace }) {
      case "y", "yes": return .yes
      case "", "n", "no": return .no
      default: diagnostics.warn("please answer yes or no")
      }
    }
    return .no
  }
}

extension Console {
  /// Asks a question once: `yes` and `y` mean agreement, any other answer counts as no.
  func agree(_ question: Message) -> Answer {
    guard answers.canAnswer else { return .nobody }
    output.flush()
    diagnostics.ask(question)
    let line = answers.nextLine()?.lowercased().filter { !$0.isWhitespace }
    return line == "yes" || line == "y" ? .yes : .no
  }
}
