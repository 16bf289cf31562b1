import Foundation
import Postgres
import TestSupport
import Testing

/// Tests a network that goes silent and a server that is stopped: there is no reset and no answer.
@Suite(.needsServer)
struct SilenceTests {
  /// The number of seconds for which a run waits for the server.
  private static let patience = Oracle.isFullRun ? "60" : "2"
  /// The time limits: short ones in the short form, and the defaults in the long form.
  private static let limits =
    Oracle.isFullRun
    ? ""
    : "?keepalives_idle=1&keepalives_interval=1&keepalives_count=2&tcp_user_timeout=2000"

  private func fleet(_ count: Int = 3, rows: Int = 1200) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number)", rows: Ferry.rows(rows, seed: UInt64(number)),
        texts: Ferry.texts(rows), extra: ["timestamp": "2024-05-01T10:00:00"])
    }
    return ferry
  }

  private func session(_ server: OrdinaryServer) throws -> Connection {
    try Connection.open(
      ConnectionTarget(source: "test", url: server.socketURL), settings: .untouched)
  }

  /// Waits until a query returns true.
  private func wait(_ seconds: Int, on session: Connection, _ question: SQL) throws -> Bool {
    for _ in 0..<seconds * 20 {
      if try session.scalar(question) == true { return true }
      usleep(50_000)
    }
    return false
  }

  private static let othersAreGone: SQL = """
    SELECT count(*) = 0 FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    """

  /// The work of the run at the moment at which the network goes silent.
  enum Moment: String, Sendable, CaseIterable {
    /// The run is sending rows.
    case copying
    /// The run is waiting for the server's answer.
    case waiting
  }

  @Test(
    .enabled(if: NetworkNamespace.isPossible, "no network of its own can be made here"),
    arguments: Moment.allCases)
  func `a network that goes silent ends the run in time, and the next run completes`(
    moment: Moment
  ) throws {
    let network = try NetworkNamespace()
    let server = try OrdinaryServer(programs: TestServer.binaries.directory, in: network)
    let look = try session(server)
    let ferry = try fleet()
    let environment = ["DATABASE_URL": server.url + Self.limits]
    if moment == .waiting { try makeTable(on: look, thatRuns: "PERFORM pg_sleep(600)") }
    let running = try ferry.start(
      ["--give-up-after", Self.patience],
      environment: environment.merging(["VECTOR_FERRY_PAUSE_AT": "copying"]) { $1 }, in: network)
    if moment == .waiting {
      #expect(try wait(30, on: look, Self.somebodySleeps), "\(running.errors)")
    } else {
      #expect(running.waitForError("paused at copying"), "\(running.errors)")
    }
    try network.disconnect()
    let began = ContinuousClock.now
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    let took = ContinuousClock.now - began
    #expect(took < .seconds(Oracle.isFullRun ? 90 : 40), "\(took)")
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.components(separatedBy: "the server does not answer").count == 2)
    #expect(outcome.text.contains("Not begun: 2"), "\(outcome.text)")
    // The run's transaction does not hold its locks for long either.
    #expect(try wait(Oracle.isFullRun ? 90 : 30, on: look, Self.othersAreGone))
    try network.connect()
    try look.execute(script: "DROP TRIGGER IF EXISTS slow ON vector_documents")
    let next = try ferry.start(["--failed"], environment: ["DATABASE_URL": server.url], in: network)
      .finish()
    #expect(next.status == 0, "\(next.text)\(next.errorText)")
    #expect(try look.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 3600)
  }

  private static let somebodySleeps: SQL =
    "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"

  private func makeTable(on session: Connection, thatRuns body: String, each: String = "STATEMENT")
    throws
  {
    try session.execute(
      script: SQL(
        script: """
          CREATE EXTENSION IF NOT EXISTS vector;
          CREATE TABLE vector_documents (
            id uuid PRIMARY KEY, user_id text, collection_name text, text text,
            embedding vector(8) NOT NULL, metadata jsonb, created_at timestamptz);
          CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN \(body); RETURN NEW; END $$;
          CREATE TRIGGER slow BEFORE INSERT ON vector_documents
          FOR EACH \(each) EXECUTE FUNCTION slow();
          """))
  }

  @Test(.enabled(if: NetworkNamespace.isPossible, "no network of its own can be made here"))
  func `an interruption ends a run at once although the network is silent`() throws {
    let network = try NetworkNamespace()
    let server = try OrdinaryServer(programs: TestServer.binaries.directory, in: network)
    let ferry = try fleet()
    let running = try ferry.start(
      [], environment: ["DATABASE_URL": server.url, "VECTOR_FERRY_PAUSE_AT": "copying"],
      in: network)
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    try network.disconnect()
    running.signal(SIGUSR1)
    Thread.sleep(forTimeInterval: 1)
    let began = ContinuousClock.now
    running.signal(SIGTERM)
    #expect(try running.finish().status == 130)
    #expect(ContinuousClock.now - began < .seconds(6))
  }

  @Test func `a server that stands still counts as lost, also on a Unix socket`() throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let ferry = try fleet()
    let url = server.socketURL + (Self.limits.isEmpty ? "" : Self.limits + "&connect_timeout=2")
    let running = try ferry.start(
      ["--give-up-after", Self.patience],
      environment: ["DATABASE_URL": url, "VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    try server.signal(SIGSTOP)
    defer { try? server.signal(SIGCONT) }
    let began = ContinuousClock.now
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(ContinuousClock.now - began < .seconds(Oracle.isFullRun ? 120 : 40))
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Not begun: 2"), "\(outcome.text)")
    try server.signal(SIGCONT)
    #expect(try wait(30, on: try session(server), Self.othersAreGone))
    let next = try ferry.run(environment: ["DATABASE_URL": server.socketURL])
    #expect(next.status == 0, "\(next.text)\(next.errorText)")
  }

  /// The lock is held for longer than the run would wait for a silent server.
  @Test(arguments: Oracle.isFullRun ? ["socket", "tcp"] : ["socket"])
  func `a server that waits for a lock is no server that is gone`(way: String) throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let holder = try session(server)
    try makeTable(on: holder, thatRuns: "PERFORM pg_advisory_lock_shared(1)", each: "ROW")
    try holder.query("SELECT pg_advisory_lock(1)")
    // The rows are more data than the buffers of the connection hold.
    let ferry = try fleet(1, rows: Oracle.isFullRun ? 60_000 : 6_000)
    let url = way == "tcp" ? server.url : server.socketURL + "?tcp_user_timeout=4000"
    let running = try ferry.start([], environment: ["DATABASE_URL": url])
    #expect(
      try wait(
        60, on: holder,
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
      "\(running.errors)")
    Thread.sleep(forTimeInterval: way == "tcp" ? 100 : 10)
    try holder.query("SELECT pg_advisory_unlock(1)")
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!outcome.errorText.contains("trying again"), "\(outcome.errorText)")
  }
}

/// Tests the options of a session's socket, and of the server's side of the connection.
@Suite(.needsServer)
struct KeepaliveTests {
  /// Returns the idle seconds, interval, count and milliseconds without an acknowledgement of the
  /// session's socket with this port.
  private func options(of session: Connection, port: Int) throws -> [Int32] {
    let local = try session.scalar("SELECT inet_client_port()::bigint", as: Int.self)
    for descriptor in Int32(3)..<20_000 {
      guard Self.port(descriptor, getpeername) == port,
        Self.port(descriptor, getsockname) == local
      else { continue }
      return [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT].map { option in
        var value: Int32 = -1
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), option, &value, &size)
        return value
      }
    }
    return []
  }

  private static func port(
    _ descriptor: Int32,
    _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Int? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failure = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &size) }
    }
    guard failure == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static let cases: [(words: String, expected: [Int32])] = [
    ("", [5, 5, 3, 30_000]),
    ("?keepalives_idle=7", [7, 5, 3, 30_000]),
    ("?keepalives_interval=8&keepalives_count=9&tcp_user_timeout=12345", [5, 8, 9, 12_345]),
    ("?service=slow", [70, 5, 3, 70_000]),
  ]

  @Test func `every session over TCP is watched, and what the operator sets holds`() throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let port = try #require(URLComponents(string: server.url)?.port)
    let folder = try TemporaryDirectory("service")
    let file = try folder.write(
      "[slow]\nkeepalives_idle=70\ntcp_user_timeout=70000\n", to: "services")
    setenv("PGSERVICEFILE", file, 1)
    defer { unsetenv("PGSERVICEFILE") }
    for (words, expected) in Self.cases {
      let session = try Connection.open(
        ConnectionTarget(source: "test", url: server.url + words), settings: .untouched)
      #expect(try options(of: session, port: port) == expected, "\(words)")
      // On the server's side, the options are the same, with twice the time for acknowledgements.
      let names = ["tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"]
      for (name, value) in zip(names, expected) {
        let set: Int? = try session.scalar("SELECT current_setting(\(name))::bigint")
        #expect(set == Int(value), "\(words) \(name)")
      }
      let timeout: Int? = try session.scalar(
        "SELECT setting::bigint FROM pg_settings WHERE name = 'tcp_user_timeout'")
      #expect(timeout == 2 * Int(expected[3]), "\(words)")
      let interval: String? = try session.scalar(
        "SELECT current_setting('client_connection_check_interval')")
      #expect(interval == "1s")
    }
  }

  @Test func `what a server's administrator has set for a role stays`() throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let target = try ConnectionTarget(source: "test", url: server.url)
    try Connection.open(target, settings: .untouched).query(
      "ALTER ROLE ferry SET tcp_keepalives_idle = 77")
    let session = try Connection.open(target, settings: .untouched)
    let settings = try session.query(
      "SELECT current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval')")
    #expect(try settings.value(0, 0, as: String.self) == "77")
    #expect(try settings.value(0, 1, as: String.self) == "5")
  }
}
