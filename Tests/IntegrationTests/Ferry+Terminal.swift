import Foundation
import Postgres
import TestSupport

extension Ferry {
  /// Runs the program on a terminal of its own and types `answer` where `question` is shown.
  ///
  /// The output of the outcome is everything that the terminal has shown.
  func runAtTerminal(
    _ arguments: [String], question: String = "[y/N]", answer: String = "\n",
    environment: [String: String] = [:]
  ) throws -> ProcessOutcome {
    let script = """
      import os, pty, sys, termios
      question, answer, folder = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3]
      child, screen = pty.fork()
      if child == 0:
          os.chdir(folder)
          os.execv(sys.argv[4], sys.argv[4:])
      # The kernel sends the signal of Ctrl-C first and then drops what is on its way to the screen,
      # which may already be the answer to it.
      flags = termios.tcgetattr(screen)
      flags[3] |= termios.NOFLSH
      termios.tcsetattr(screen, termios.TCSANOW, flags)
      shown, answered = b"", False
      while True:
          try:
              piece = os.read(screen, 4096)
          except OSError:
              break
          if not piece:
              break
          shown += piece
          if not answered and question in shown:
              os.write(screen, answer)
              answered = True
      sys.stdout.write(shown.decode().replace("\\r\\n", "\\n"))
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255)
      """
    guard let python = Oracle.python else { throw OracleError(message: "no Python") }
    return try TestSupport.run(
      python, ["-c", script, question, answer, folder.path, Self.binary] + arguments,
      environment: try Self.clean(database.url, environment))
  }
}
