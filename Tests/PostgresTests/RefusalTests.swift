import Foundation
import TestSupport
import Testing

@testable import Postgres

/// Tests refused connections, which the server's error code distinguishes.
struct RefusalTests {
  @Test(arguments: [
    (
      "connection to server at \"h\", port 1 failed: FATAL:  28P01: password authentication failed\n"
        + "LOCATION:  auth_failed, auth.c:326\n",
      "28P01",
      "connection to server at \"h\", port 1 failed: FATAL: password authentication failed"
    ),
    (
      "connection to server at \"h\" failed: Connection refused\n\tIs the server running?\n", nil,
      "connection to server at \"h\" failed: Connection refused  Is the server running?"
    ),
    (
      "failed: FATAL:  57P03: starting up\nfailed: SCHWERWIEGEND:  3D000: gibt es nicht\n", "3D000",
      "failed: FATAL: starting up failed: SCHWERWIEGEND: gibt es nicht"
    ),
  ])
  func `the code and the sentence`(message: String, code: String?, reason: String) {
    let refusal = ConnectionRefusal(message)
    #expect(refusal.sqlState == code)
    #expect(refusal.reason.split(separator: " ") == reason.split(separator: " "))
  }

  /// Nil stands for an attempt without any answer of a server: nobody listens, the name is not
  /// found, or the time is over.
  @Test(
    arguments: [
      (nil, true, true), ("57P03", true, true), ("57P01", true, true), ("57P02", true, true),
      ("53300", true, true), ("53200", true, false), ("08006", true, true), ("08P01", true, true),
      ("28P01", false, false), ("28000", false, false), ("3D000", false, false),
      ("42501", false, false), ("57P04", false, false), ("0A000", false, false),
      ("XX000", false, false),
    ] as [(String?, Bool, Bool)])
  func `which refusals mean a server that is away, and which may pass`(
    code: String?, isAway: Bool, isTemporary: Bool
  ) {
    let error = PostgresError.unreachable(database: "d", reason: "r", sqlState: code)
    #expect(error.saysServerIsAway == isAway)
    #expect(error.isTemporary == isTemporary)
  }

  /// A session that the server has ended, or a conflict, concerns one store, and is tried again.
  @Test(arguments: [
    ("57P01", true), ("57P02", true), ("57P05", true), ("25P03", true), ("40001", true),
    ("40P01", true), ("08003", true), ("53300", true), ("53100", false), ("23505", false),
    ("57014", false), ("42501", false), ("22P02", false), ("XX000", false),
  ])
  func `which refusals of a statement may pass`(code: String, isTemporary: Bool) {
    let error = PostgresError.server(
      ServerError(
        severity: "ERROR", sqlState: code, message: "m", detail: nil, hint: nil, table: nil,
        constraint: nil, position: nil, statement: "s"))
    #expect(error.isTemporary == isTemporary)
    #expect(!error.saysServerIsAway)
  }

  @Test(.needsServer)
  func `a database that is not there does not come about by waiting`() throws {
    let address = try TestServer.address
    let error = #expect(throws: PostgresError.self) {
      try Connection.open(
        ConnectionTarget(
          source: "test",
          url:
            "host=\(address.socketDirectory) port=\(address.port) user=\(address.user) dbname=none")
      )
    }
    guard case .unreachable(_, let reason, "3D000") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("does not exist") && !reason.contains("3D000"))
    #expect(error?.isTemporary == false)
  }

  @Test func `a server that is starting is waited for, and said so once`() throws {
    let server = try RefusingServer(answers: ["57P03", "57P03", "28P01"])
    var notices: [String] = []
    let error = #expect(throws: PostgresError.self) {
      try Connection.openWhenStarted(
        ConnectionTarget(
          source: "test", url: "host=127.0.0.1 port=\(server.port) user=u dbname=d sslmode=disable"),
        isInterrupted: { false }, notice: { notices.append($0) })
    }
    guard case .unreachable(_, _, "28P01") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(notices.count == 1)
    #expect(notices.first?.contains("not yet") == true, "\(notices)")
  }
}

/// A server that answers each connection with an error and closes it.
private final class RefusingServer: Sendable {
  let port: UInt16
  private let listener: Int32

  init(answers: [String]) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 4) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(isBound)
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      for code in answers {
        let client = accept(descriptor, nil, nil)
        var ignored = [UInt8](repeating: 0, count: 1024)
        _ = recv(client, &ignored, ignored.count, 0)
        let fields = ["SFATAL", "VFATAL", "C\(code)", "Mnot yet", "Fa.c", "L1", "Rmain", ""]
        let body: [UInt8] = fields.flatMap { Array($0.utf8) + [0] }
        let size = withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { [UInt8]($0) }
        let message: [UInt8] = [UInt8(ascii: "E")] + size + body
        _ = send(client, message, message.count, Int32(MSG_NOSIGNAL))
        close(client)
      }
    }
  }

  deinit { close(listener) }
}
