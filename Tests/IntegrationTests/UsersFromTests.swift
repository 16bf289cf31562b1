import Foundation
import TestSupport
import Testing

/// Tests `--users-from`, which names users in a file.
@Suite(.needsServer)
struct UsersFromTests {
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    for user in ["ann", "bob", "cy", "dee"] {
      try ferry.writeStore(
        user: user, rows: Ferry.rows(2, dimensions: 4), texts: Ferry.texts(2))
    }
    return ferry
  }

  @Test func `the users of the file are chosen, in every command`() throws {
    let ferry = try ferry()
    try ferry.folder.write("\u{FEFF}# chosen by hand\n\n ann \nc*\r\n", to: "users.txt")
    #expect(try ferry.run("--yes", "--users-from", "users.txt", "--user", "bob").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 2, "bob/notes": 2, "cy/notes": 2])
    let verified = try ferry.run("verify", "--users-from", "users.txt")
    #expect(verified.text.contains("2 of 2 stores"), "\(verified.text)")
    #expect(!(try ferry.run("scan", "--users-from", "users.txt").text.contains("bob")))
    let status = try ferry.run("status", "--users-from", "users.txt")
    #expect(status.text.contains("cy") && !status.text.contains("bob"), "\(status.text)")
    #expect(try ferry.run("rollback", "--yes", "--users-from", "users.txt").status == 0)
    #expect(try ferry.counts() == ["bob/notes": 2])
  }

  @Test(arguments: [
    ("# nobody\n\n", "names no user"), ("ann\nzoe\n", "zoe"), ("a\u{0}b", "not UTF-8 text"),
  ])
  func `a file without users, with a slip, or without text is refused`(
    text: String, message: String
  ) throws {
    let ferry = try ferry()
    try ferry.folder.write(text, to: "users.txt")
    for command in ["migrate", "scan"] {
      let outcome = try ferry.run(
        command: [command, "--users-from", "users.txt"] + (command == "migrate" ? ["--yes"] : []))
      #expect(outcome.status == 3, "\(command): \(outcome.text)")
      #expect(outcome.errorText.contains(message), "\(outcome.errorText)")
    }
    let missing = try ferry.run("--yes", "--users-from", "missing.txt")
    #expect(missing.status == 3 && missing.errorText.contains("--users-from missing.txt"))
  }
}
