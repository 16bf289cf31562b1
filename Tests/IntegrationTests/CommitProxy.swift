import Foundation
import Postgres
import Synchronization
import TestSupport

/// Stands between the program and the server, and cuts one connection at its COMMIT.
///
/// Both sides are Unix sockets. The connection that is cut is the first that has sent one of the
/// statements to wait for, so that the transactions that prepare the database are left alone.
final class CommitProxy: Sendable {
  /// What becomes of the COMMIT.
  enum Cut: Sendable {
    /// The server never sees it.
    case before
    /// The server carries it out, and its answer is lost.
    case after
  }

  /// Where it listens.
  let folder: TemporaryDirectory
  private let upstream: String
  private let cut: Cut
  private let statements: [String]
  private let listener: Int32
  private let cutsLeft = Mutex(1)

  /// How many connections were cut.
  var cuts: Int { cutsLeft.withLock { 1 - $0 } }

  /// How long the server's side of a connection that is cut stays open, in seconds.
  private let delay: Double

  /// True where nothing can be reached any more after the cut.
  private let isLast: Bool

  /// What a load sends to the table.
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

  /// Ends the listening; connections that go on are not waited for.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private final class Pair: Sendable {
    let client: Int32
    let server: Int32
    let isMuted = Atomic<Bool>(false)

    init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

    /// Both ways have ended: their threads alone have the pair.
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
