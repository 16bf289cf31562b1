import Foundation
import Postgres
import Synchronization
import TestSupport

/// A proxy between the program and the server that cuts connections after random numbers of bytes.
final class CutProxy: Sendable {
  private struct State {
    var generator: SeededGenerator
    var done = 0
  }

  /// The behaviour of the proxy after the last cut.
  enum End: Sendable {
    /// Connections are no longer cut.
    case peace
    /// No connection is accepted any more.
    case closed
  }

  /// The folder of the socket on which the proxy listens.
  let folder: TemporaryDirectory
  private let upstream: String
  private let sizes: ClosedRange<Int>
  private let end: End
  private let most: Int
  private let listener: Int32
  private let state: Mutex<State>

  /// The number of connections that were cut.
  var cuts: Int { state.withLock { $0.done } }

  /// Returns the URL of a database behind the proxy.
  func url(of database: TestDatabase) throws -> String {
    let host = folder.path.replacingOccurrences(of: "/", with: "%2F")
    return "postgresql://\(try TestServer.address.user)@\(host):5432/\(database.name)"
  }

  init(cuts most: Int, after sizes: ClosedRange<Int>, seed: UInt64, then end: End = .peace) throws {
    self.most = most
    self.sizes = sizes
    self.end = end
    state = Mutex(State(generator: SeededGenerator(seed: seed)))
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
        let pair = Pair(client: client, server: server, bytes: allowance())
        for way in [(client, server), (server, client)] {
          Thread.detachNewThread { [self] in carry(pair, from: way.0, to: way.1) }
        }
      }
    }
  }

  /// Stops listening; does not wait for open connections.
  func close() { shutdown(listener, Int32(SHUT_RDWR)) }

  private final class Pair: Sendable {
    let client: Int32
    let server: Int32
    private let left: Mutex<Int>

    init(client: Int32, server: Int32, bytes: Int) {
      (self.client, self.server) = (client, server)
      left = Mutex(bytes)
    }

    /// Returns the number of these bytes that still pass; returns 0 only once.
    func take(_ count: Int) -> (passes: Int, isLast: Bool) {
      left.withLock { left in
        guard left > 0 else { return (0, false) }
        let passes = min(count, left)
        left -= passes
        return (passes, left == 0)
      }
    }

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

  private func allowance() -> Int {
    state.withLock { state in
      state.done < most ? Int.random(in: sizes, using: &state.generator) : .max
    }
  }

  private func carry(_ pair: Pair, from: Int32, to: Int32) {
    while let bytes = ProxySocket.receive(from) {
      let (passes, isLast) = pair.take(bytes.count)
      if passes > 0 { ProxySocket.send(bytes.prefix(passes), to: to) }
      if isLast {
        let all = state.withLock { state in
          state.done += 1
          return state.done >= most
        }
        if all, end == .closed { close() }
      }
      if passes < bytes.count || isLast { break }
    }
    pair.end()
  }
}
