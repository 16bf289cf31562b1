/// Sends requests to one service, over one connection that is kept between them.
///
/// Redirects are treated like other answers: nothing is sent to a host that was not named.
final class HTTPClient {
  /// The time limits, in seconds.
  struct Timeouts: Sendable {
    /// The limit for connecting, encryption included.
    var connecting = 15
    /// The limit for a whole answer; a service may have to load its model first.
    var answering = 300
  }

  private enum Line {
    case plain(Socket)
    case encrypted(Socket, TLSChannel)
  }

  private let address: HTTPAddress
  private let timeouts: Timeouts
  private let authorities: String?
  private let isInterrupted: @Sendable () -> Bool
  private var context: TLSContext?
  private var idle: Line?
  /// True where the latest request, or a part of it, may have left this machine.
  private(set) var hasSent = false

  /// Creates a client, which connects with the first request.
  ///
  /// - Parameter authorities: a file of certificates to trust instead of the system's.
  init(
    _ address: HTTPAddress, timeouts: Timeouts = Timeouts(), authorities: String? = nil,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.address = address
    self.timeouts = timeouts
    self.authorities = authorities
    self.isInterrupted = isInterrupted
  }

  /// Sends a request and waits for the whole answer.
  func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPAnswer {
    hasSent = false
    let bytes = request.bytes(to: address)
    if let line = takeIdle() {
      var hasBegun = false
      do throws(HTTPError) {
        return try exchange(bytes, over: line, hasBegun: &hasBegun)
      } catch {
        // A server may close an idle connection at the very moment when it is used again.
        guard case .broken = error, !hasBegun else { throw error }
      }
    }
    var hasBegun = false
    return try exchange(bytes, over: try connect(), hasBegun: &hasBegun)
  }

  private func takeIdle() -> Line? {
    defer { idle = nil }
    switch idle {
    case .plain(let socket), .encrypted(let socket, _): return socket.isQuiet ? idle : nil
    case nil: return nil
    }
  }

  private func connect() throws(HTTPError) -> Line {
    let deadline = Deadline(seconds: timeouts.connecting)
    let socket = try Socket(
      host: address.host, port: address.port, deadline: deadline, isInterrupted: isInterrupted)
    guard address.isSecure else { return .plain(socket) }
    let context =
      if let known = self.context { known } else { try TLSContext(authorities: authorities) }
    self.context = context
    return .encrypted(
      socket,
      try TLSChannel(over: socket, host: address.host, context: context, deadline: deadline))
  }

  private func exchange(
    _ bytes: [UInt8], over line: Line, hasBegun: inout Bool
  ) throws(HTTPError) -> HTTPAnswer {
    let deadline = Deadline(seconds: timeouts.answering)
    hasSent = true
    do throws(HTTPError) {
      switch line {
      case .plain(let socket): try socket.send(bytes, deadline: deadline)
      case .encrypted(_, let channel): try channel.send(bytes, deadline: deadline)
      }
    } catch {
      // A server that stops reading a request may have sent its reason before it closed the
      // connection.
      guard case .broken = error else { throw error }
    }
    var reader = HTTPAnswerReader()
    while true {
      let piece =
        switch line {
        case .plain(let socket): try socket.receive(deadline: deadline)
        case .encrypted(_, let channel): try channel.receive(deadline: deadline)
        }
      if piece.isEmpty { try reader.end() } else { try reader.take(piece) }
      hasBegun = reader.hasBegun
      if let answer = reader.answer {
        if reader.keepsAlive, !piece.isEmpty { idle = line }
        return answer
      }
    }
  }
}
