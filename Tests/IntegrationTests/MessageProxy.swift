import Foundation
import Postgres
import Synchronization
import TestSupport

/// A proxy between the program and the server that counts exchanges: the times that the program
/// sends data after an answer, in however many pieces.
final class MessageProxy: Sendable {
  private let folder: TemporaryDirectory
  private let listener: Int32
  private let count = Mutex(0)

  /// The number of exchanges on all connections.
  var exchanges: Int { count.withLock { $0 } }

  /// Returns the URL of a database behind the proxy.
  func url(of database: TestDatabase) throws -> String {
    let host = folder.path.replacingOccurrences(of: "/", with: "%2F")
    return "postgresql://\(try TestServer.address.user)@\(host):5432/\(database.name)"
  }

  init() throws {
    folder = try TemporaryDirectory("proxy")
    let address = try TestServer.address
    let upstream = "\(address.socketDirectory)/.s.PGSQL.\(address.port)"
    listener = ProxySocket.open(at: folder.file(".s.PGSQL.5432"), bind)
    guard listener >= 0, listen(listener, 8) == 0 else {
      throw OracleError(message: "no socket: \(String(cString: strerror(errno)))")
    }
    Thread.detachNewThread { [self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else {
          _ = Foundation.close(listener)
          return
        }
        let pair = Pair(client: client, server: ProxySocket.open(at: upstream, connect))
        Thread.detachNewThread { [self] in carry(pair, from: pair.client, to: pair.server) }
        Thread.detachNewThread { [self] in carry(pair, from: pair.server, to: pair.client) }
      }
    }
  }

  /// Stops listening; does not wait for open connections.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The two connections of a session, with a mark whether the last bytes came from the server.
  private final class Pair: Sendable {
    let client: Int32
    let server: Int32
    let isAnswered = Mutex(true)

    init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

    /// Both directions have ended: only their threads hold the pair.
    deinit {
      _ = Foundation.close(client)
      _ = Foundation.close(server)
    }
  }

  private func carry(_ pair: Pair, from: Int32, to: Int32) {
    let isAnswer = from == pair.server
    while let bytes = ProxySocket.receive(from) {
      let wasAnswered = pair.isAnswered.withLock { isAnswered in
        defer { isAnswered = isAnswer }
        return isAnswered
      }
      if wasAnswered, !isAnswer { count.withLock { $0 += 1 } }
      ProxySocket.send(bytes, to: to)
    }
    shutdown(pair.client, Int32(SHUT_RDWR))
    shutdown(pair.server, Int32(SHUT_RDWR))
  }
}
