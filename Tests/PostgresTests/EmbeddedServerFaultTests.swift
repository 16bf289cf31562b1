import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: ServerTrial.isPossible, "no PostgreSQL with pgvector: ./run_tests.sh"))
struct EmbeddedServerFaultTests {
  @Test func `Whatever ended it, a server starts again with what was committed`() throws {
    let trial = try ServerTrial()
    try trial.keep(11)

    let killed = try trial.process
    end(killed)
    try trial.expectKept(11)

    let orphan = try busySession(of: trial)
    end(try trial.process)
    try trial.expectKept(11)
    // The system's first process may need a moment to remove the ended process.
    #expect(Polling.wait(seconds: 10) { kill(orphan, 0) != 0 })

    let before = try trial.process
    try FileManager.default.removeItem(atPath: try trial.server.address.socketDirectory)
    try trial.expectKept(11)
    #expect(try trial.process != before)

    let stranger = try forgePidFile(of: trial)
    #expect(try trial.server.status().state == .stopped)
    #expect(try !trial.server.stop())
    try trial.expectKept(11)
    #expect(kill(stranger, 0) == 0)
    end(stranger)

    try trial.server.stop()
    try expectReason(trial)
  }

  // Starts a session that is too busy to notice that its server has ended; returns the session's
  // process id.
  private func busySession(of trial: ServerTrial) throws -> pid_t {
    let psql = Process()
    psql.executableURL = URL(fileURLWithPath: try #require(ServerTrial.binaries).psql)
    psql.arguments = [
      "-X", "-d", try trial.server.url, "-c",
      "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b",
    ]
    psql.standardError = FileHandle.nullDevice
    psql.standardOutput = FileHandle.nullDevice
    try psql.run()
    let question = """
      select pid from pg_stat_activity
      where query like '%generate_series%' and pid <> pg_backend_pid() and state = 'active'
      """
    var session: pid_t?
    Polling.wait(seconds: 30) {
      session = (try? trial.sql(question)).flatMap { $0 }.flatMap { pid_t($0) }
      return session != nil
    }
    return try #require(session)
  }

  // Writes a pid file as a crash leaves it, with the number of another process of the same account.
  private func forgePidFile(of trial: ServerTrial) throws -> pid_t {
    let pidFile = "\(try trial.place.data)/postmaster.pid"
    let lines = try String(contentsOfFile: pidFile, encoding: .utf8).split(separator: "\n")
    try trial.server.stop()
    let output = open("/dev/null", O_WRONLY)
    defer { close(output) }
    let stranger = try ChildProcess(
      program: "/bin/sleep", arguments: ["60"], account: try trial.place.account
    ).launch(output: output)
    let forged = (["\(stranger)"] + lines.dropFirst().map(String.init)).joined(separator: "\n")
    try File.append(forged + "\n", to: pidFile)
    if let account = try trial.place.account { try File.give(pidFile, to: account) }
    return stranger
  }

  private func expectReason(_ trial: ServerTrial) throws {
    try File.append("no_such_setting = on\n", to: "\(try trial.place.data)/postgresql.conf")
    let error = #expect(throws: EmbeddedServerError.self) { try trial.server.start() }
    guard case .ended(_, let tail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(tail.contains("no_such_setting"))
  }

  @Test func `What a killed initdb left is no obstacle, even while its children still write`()
    throws
  {
    let trial = try ServerTrial()
    let place = try trial.place
    try place.makeHome()
    // One start was killed after the draft was moved. Another process still works in the draft, and
    // holds the lock as the child of a killed start does.
    let draft = "\(place.data).new"
    for folder in [place.data, draft] { try File.makeDirectory(folder, mode: 0o700) }
    try File.append("16\n", to: "\(place.data)/PG_VERSION")
    if let account = place.account { try File.give(draft, to: account) }
    let lock = FileLock(path: place.lock, owner: place.account)
    let child = try lock.hold(seconds: 1) { (holder) throws(EmbeddedServerError) in
      var child = ChildProcess(
        program: "/bin/sh", arguments: ["-c", "sleep 2; touch '\(draft)/late'"],
        account: place.account)
      child.lock = holder
      return try child.launch(output: 2)
    }
    var notices: [String] = []
    var waited = false
    try trial.server.start { notice in
      notices.append(notice)
      if notice.hasPrefix("Making") { waited = File.exists("\(draft)/late") }
    }
    #expect(waited)
    #expect(!File.exists(draft))
    #expect(notices.first?.contains("postgres.incomplete-1") == true)
    #expect(File.exists("\(place.data).incomplete-1/PG_VERSION"))
    #expect(try trial.sql("select 1") == "1")
    end(child)
  }

  @Test func `Data of another major version are refused by name`() throws {
    let trial = try ServerTrial()
    let data = "\(trial.server.directory)/postgres"
    try FileManager.default.createDirectory(
      atPath: "\(data)/global", withIntermediateDirectories: true)
    try "9\n".write(toFile: "\(data)/PG_VERSION", atomically: true, encoding: .utf8)
    try "".write(toFile: "\(data)/global/pg_control", atomically: true, encoding: .utf8)
    let error = #expect(throws: EmbeddedServerError.self) { try trial.server.start() }
    guard case .otherMajorVersion(data, 9, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect("\(String(describing: error))".contains("postgresql-9-pgvector"))
  }

  @Test func `Who waits too long for another command is told so`() throws {
    let trial = try ServerTrial()
    let place = try trial.place
    try place.makeHome()
    try FileLock(path: place.lock, owner: place.account).hold(seconds: 1) {
      (_) throws(EmbeddedServerError) in
      let error = #expect(throws: EmbeddedServerError.self) {
        try trial.server.start(seconds: 1)
      }
      #expect(error == .busy(lock: place.lock, seconds: 1))
    }
  }
}
