import Foundation
import Postgres
import TestSupport
import Testing

/// Tests what an operator reads where no session can be opened, with real servers.
@Suite(.needsServer)
struct ConnectionProblemRunTests {
  /// Runs `migrate`, and expects a refusal with the remedy of a problem.
  private func expect(
    _ problem: ConnectionProblem, at url: String, in ferry: Ferry,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try ferry.run("--yes", environment: ["DATABASE_URL": url])
    #expect(outcome.status == 3, "\(outcome.errorText)", sourceLocation: location)
    #expect(
      outcome.errorText.contains("cannot connect to postgresql://"), "\(outcome.errorText)",
      sourceLocation: location)
    #expect(
      outcome.errorText.contains("Remedy: \(problem.remedy)"), "\(outcome.errorText)",
      sourceLocation: location)
    #expect(!outcome.errorText.contains("secret"), sourceLocation: location)
  }

  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2, dimensions: 4), texts: Ferry.texts(2))
    return ferry
  }

  @Test func `a wrong or missing password, TLS that is not there, and a wrong port are told`()
    throws
  {
    let ferry = try ferry()
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let wrong = server.url.replacingOccurrences(of: OrdinaryServer.password, with: "secret")
    try expect(.wrongPassword, at: wrong, in: ferry)
    let none = server.url.replacingOccurrences(of: ":\(OrdinaryServer.password)@", with: "@")
    try expect(.noPassword, at: none + "?passfile=/dev/null", in: ferry)
    try expect(.noTLS, at: server.url + "?sslmode=require", in: ferry)
    try expect(.unknownDatabase, at: server.url + "_of_nobody", in: ferry)
    try expect(.refused, at: "postgresql://u:secret@127.0.0.1:1/d", in: ferry)
    try expect(.noSocket, at: "postgresql://u:secret@/d?host=/nowhere", in: ferry)
    try expect(.unknownHost, at: "postgresql://u:secret@no.such.host.invalid/d", in: ferry)
  }

  @Test func `a role that does not exist, may not connect, or has no session left is told`() throws
  {
    let ferry = try ferry()
    let (none, poor) = ("none_\(ferry.database.name)", "poor_\(ferry.database.name)")
    try expect(.unknownRole, at: try ferry.url(as: none), in: ferry)
    let session = try ferry.database.connect()
    try session.execute(script: SQL(script: "CREATE ROLE \(poor) LOGIN CONNECTION LIMIT 0"))
    defer { _ = try? session.execute(script: SQL(script: "DROP ROLE \(poor)")) }
    try expect(.tooManySessions, at: try ferry.url(as: poor), in: ferry)
    try session.execute(
      script: SQL(
        script: """
          ALTER ROLE \(poor) CONNECTION LIMIT -1;
          REVOKE CONNECT ON DATABASE \(ferry.database.name) FROM PUBLIC
          """))
    try expect(.forbidden, at: try ferry.url(as: poor), in: ferry)
  }

  @Test(
    arguments: [
      (.noAnswer, ""), (.noPostgreSQL, "HTTP/1.1 400 Bad Request\r\n\r\n"), (.badTLS, "S"),
    ] as [(ConnectionProblem, String)])
  func `a port where something else answers is told`(
    problem: ConnectionProblem, answer: String
  ) throws {
    let ferry = try ferry()
    let python = try #require(Oracle.python)
    let script = """
      import socket, sys, time
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], flush=True)
      listener.settimeout(30)
      kept = []
      try:
          while True:
              connection, _ = listener.accept()
              kept.append(connection)
              answer = sys.argv[1].encode()
              if answer:
                  connection.recv(100)
                  connection.sendall(answer)
                  if answer == b"S":
                      connection.recv(1000)
                      connection.sendall(b"no TLS at all, whatever was said before")
                      connection.close()
      except OSError:
          pass
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-c", script, answer]
    process.standardOutput = output
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let mode = answer == "S" ? "require" : "prefer"
    try expect(
      problem,
      at: "postgresql://u:secret@127.0.0.1:\(port)/d?connect_timeout=2&sslmode=\(mode)",
      in: ferry)
  }
}
