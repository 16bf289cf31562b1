import Foundation
import Postgres
import Synchronization
import TestSupport

/// A proxy between the program and the server that cuts one connection at its COMMIT.
///
/// Both sides are Unix sockets. The proxy cuts the first connection that has sent one of the given
/// statements, so that it does not cut the transactions that prepare the database.
final class CommitProxy: Sendable {
  /// The moment at which the connection is cut.
  enum Cut: Sendable {
    /// The server does not get the COMMIT.
    case before
    /// The server executes the COMMIT, and the answer is lost.
    case after
  }

  /// The folder of the socket on which the proxy listens.
  let folder: TemporaryDirectory
  private let upstream: String
  private let cut: Cut
  private let statements: [String]
  private let listener: Int32
  private let cutsLeft = Mutex(1)

  /// The number of connections that were cut.
  var cuts: Int { cutsLeft.withLock { 1 - $0 } }

  /// The number of seconds for which the server's side of a cut connection stays open.
  private let delay: Double

  /// True where the proxy accepts no further connection after the cut.
  private let isLast: Bool

  /// The statements by which a load writes to the table.
  static let loading = [
    "COPY \"public\".\"vector_documents\"", "COPY \"vector_documents\"",
  ]

  init(
    cutting cut: Cut, after statements: [String] = loading, keepingServerFor delay: Double = 0,
    thenClosing isLast: Bool = false
  ) throws {
    self.cut = cut
    self.isLast = isLast
    self.statements = statements
    self.delay = delay
    folder = try TemporaryDirectory("proxy")
    let address = try TestServer.address
    upstream = "\(address.socketDirectory)/.s.PGSQL.\(address.port)"
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
        let server = ProxySocket.open(at: upstream, connect)
        let pair = Pair(client: client, server: server)
        Thread.detachNewThread { [self] in self.toServer(pair) }
        Thread.detachNewThread { [self] in self.toClient(pair) }
      }
    }
  }

  /// Stops listening; does not wait for open connections.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private final class Pair: Sendable {
    let client: Int32
    let server: Int32
    let isMuted = Atomic<Bool>(false)

    init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

    /// Both directions have ended: only their threads hold the pair.
    deinit {
      _ = Foundation.close(client)
      _ = Foundation.close(server)
    }

    func end() {
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(server, Int32(SHUT_RDWR))
    }
  }

  private func toServer(_ pair: Pair) {
    var isMarked = false
    while let bytes = ProxySocket.receive(pair.client) {
      isMarked = isMarked || statements.contains { bytes.range(of: Data($0.utf8)) != nil }
      if isMarked, bytes.range(of: Data("COMMIT\0".utf8)) != nil, takeCut() {
        if isLast { close() }
        if cut == .after {
          pair.isMuted.store(true, ordering: .sequentiallyConsistent)
          ProxySocket.send(bytes, to: pair.server)
          return  // The other thread ends the pair when the answer has come.
        }
        shutdown(pair.client, Int32(SHUT_RDWR))
        Thread.sleep(forTimeInterval: delay)
        return pair.end()
      }
      ProxySocket.send(bytes, to: pair.server)
    }
    pair.end()
  }

  private func toClient(_ pair: Pair) {
    while let bytes = ProxySocket.receive(pair.server) {
      if pair.isMuted.load(ordering: .sequentiallyConsistent) { break }
      ProxySocket.send(bytes, to: pair.client)
    }
    pair.end()
  }

  private func takeCut() -> Bool {
    cutsLeft.withLock { left in
      guard left > 0 else { return false }
      left -= 1
      return true
    }
  }
}
