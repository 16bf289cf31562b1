internal import CLibPQ
internal import Clock
internal import Glibc

/// Decides, during one wait, whether the connection is lost.
///
/// A statement may take hours, and a server may read nothing while it waits for a lock, so silence
/// alone proves nothing. Two facts prove that the connection is lost: data that the other machine
/// has left unacknowledged for `silence` seconds; or a server that does not answer a second
/// connection either. The second connection is tried where the kernel cannot see the loss: on Unix
/// sockets, without keepalives, and where a write makes no progress.
struct SilenceWatch {
  private unowned let connection: Connection
  private let isWriting: Bool
  private let began: Double
  private var unansweredSince: Double?
  private var hasRemovedTimeout = false
  private var ping: ServerPing?
  private var nextPing: Double
  private var failedPings = 0

  /// The number of failed checks after which the server counts as gone.
  private static let pingsThatFail = 2
  /// The seconds between an answer of the server and the next check.
  private static let pause = 30.0

  private var limit: Double { connection.keepalive.silence }

  init(_ connection: Connection, isWriting: Bool) {
    self.connection = connection
    self.isWriting = isWriting
    began = MonotonicClock.seconds()
    nextPing = began + connection.keepalive.silence / 2
  }

  /// Returns the reason why the connection counts as lost; nil while the connection counts as
  /// alive.
  mutating func verdict() -> String? {
    let now = MonotonicClock.seconds()
    if let silent = unacknowledged(now), silent >= limit {
      return "the other side has acknowledged nothing for \(Int(silent)) seconds"
    }
    guard isWriting || !connection.hasKeepalive else { return nil }
    return unansweredPings(now)
  }

  /// Restores the kernel's time limit for acknowledgements after the wait.
  func end() {
    if hasRemovedTimeout { connection.set(TCP_USER_TIMEOUT, to: connection.keepalive.userTimeout) }
  }

  /// Returns the seconds for which the other machine has not acknowledged sent data; nil where all
  /// data are acknowledged.
  private mutating func unacknowledged(_ now: Double) -> Double? {
    guard let info = TCPInformation(PQsocket(connection.handle)) else { return nil }
    removeTimeout(unless: info.unacknowledged > 0)
    // Two probes, because the answer to a single probe may be on its way. Probes are far apart
    // where the window has been closed for long.
    if info.probes > 1 { return info.sinceHeard }
    guard info.unacknowledged > 0 else {
      unansweredSince = nil
      return nil
    }
    let since = max(unansweredSince ?? now, now - info.sinceHeard)
    unansweredSince = since
    return now - since
  }

  /// Removes the kernel's time limit while all sent data are acknowledged, and sets the limit while
  /// data are not acknowledged (`owes`).
  ///
  /// The limit would also end the connection to a server that answers but does not read, for
  /// example while that server waits for a lock.
  private mutating func removeTimeout(unless owes: Bool) {
    guard connection.ownsUserTimeout, owes == hasRemovedTimeout else { return }
    hasRemovedTimeout = !owes
    connection.set(TCP_USER_TIMEOUT, to: owes ? connection.keepalive.userTimeout : 0)
  }

  private mutating func unansweredPings(_ now: Double) -> String? {
    let pause = max(2, limit * 0.75)
    if let running = ping {
      switch running.answer {
      case .there:
        ping = nil
        failedPings = 0
        nextPing = now + Self.pause
      case nil where now < running.began + pause: break
      case nil, .nobody:
        ping = nil
        failedPings += 1
        nextPing = running.began + pause
      }
    }
    if failedPings >= Self.pingsThatFail {
      return
        "no data were transferred for \(Int(now - began)) seconds, and the server does not answer "
        + "another connection either"
    }
    if ping == nil, now >= nextPing {
      ping = ServerPing(connection.parametersBeside(seconds: Int(pause.rounded(.up))), now)
    }
    return nil
  }
}

/// The kernel's facts about a TCP connection.
private struct TCPInformation {
  /// The number of sent segments that are not acknowledged.
  let unacknowledged: Int
  /// The number of probes of the connection, or of its window, that were not answered.
  let probes: Int
  /// The seconds since anything was received.
  let sinceHeard: Double

  /// Reads the facts from the kernel; nil where the socket is not a TCP socket.
  init?(_ socket: Int32) {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(socket, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return nil }
    unacknowledged = Int(info.tcpi_unacked)
    probes = Int(info.tcpi_probes)
    sinceHeard = Double(min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv)) / 1000
  }
}

extension Connection {
  /// Returns the parameters that open another session with the same server, even where the target
  /// lists several servers.
  func parametersBeside(seconds: Int) -> [(keyword: String, value: String)] {
    let replaced = [
      "host", "hostaddr", "port", "connect_timeout", "target_session_attrs", "service",
    ]
    let kept = parameters.filter { !replaced.contains($0.keyword) }
      .map { (keyword: $0.keyword, value: $0.value) }
    let host = PQhost(handle).map { String(cString: $0) } ?? ""
    let port = PQport(handle).map { String(cString: $0) } ?? ""
    return kept + [("host", host), ("port", port), ("connect_timeout", "\(seconds)")]
  }
}
