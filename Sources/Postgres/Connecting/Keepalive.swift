internal import CLibPQ
internal import Glibc

/// The settings by which the client and the server notice that the connection is lost.
///
/// The names are libpq's. A setting of a URL, a variable or a service file takes precedence.
struct Keepalive {
  /// The seconds without traffic before the first keepalive probe.
  var idle = 5
  /// The seconds between two probes.
  var interval = 5
  /// The number of unanswered probes that end the connection.
  var count = 3
  /// The milliseconds that sent data may stay unacknowledged.
  var userTimeout = 30_000

  /// The seconds after which this program treats a silent connection as lost.
  var silence = 20.0

  /// Creates the default settings, except where the session was opened with others.
  init(given: [String: String]) {
    func number(_ keyword: String) -> Int? { given[keyword].flatMap { Int($0) } }
    idle = number("keepalives_idle") ?? idle
    interval = number("keepalives_interval") ?? interval
    count = number("keepalives_count") ?? count
    if let milliseconds = number("tcp_user_timeout") {
      userTimeout = milliseconds
      if milliseconds > 0 { silence = Double(milliseconds) / 1000 }
    }
  }
}

extension Connection {
  /// Sets those keepalive options of the open socket that the operator has not set; the settings in
  /// a service file are known only once the session is open.
  func setKeepalive() {
    let given = Dictionary(
      parameters.map { ($0.keyword, $0.value) }, uniquingKeysWith: { _, last in last })
    keepalive = Keepalive(given: given)
    guard isTCP else { return }
    hasKeepalive = given["keepalives"] != "0"
    let options = [
      ("keepalives_idle", TCP_KEEPIDLE, keepalive.idle),
      ("keepalives_interval", TCP_KEEPINTVL, keepalive.interval),
      ("keepalives_count", TCP_KEEPCNT, keepalive.count),
    ]
    if hasKeepalive {
      for (keyword, option, value) in options where given[keyword] == nil {
        set(option, to: value)
      }
    }
    ownsUserTimeout = given["tcp_user_timeout"] == nil
    if ownsUserTimeout { set(TCP_USER_TIMEOUT, to: keepalive.userTimeout) }
  }

  /// Sets a TCP option of the socket.
  func set(_ option: Int32, to value: Int) {
    var number = Int32(clamping: value)
    setsockopt(
      PQsocket(handle), Int32(IPPROTO_TCP), option, &number, socklen_t(MemoryLayout<Int32>.size))
  }

  private var isTCP: Bool {
    var domain: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(PQsocket(handle), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 else {
      return false
    }
    return domain == AF_INET || domain == AF_INET6
  }

  /// Sets the keepalive settings on the server as well, so that a transaction does not keep its
  /// locks after the connection is lost; settings of the server's administrator stay.
  ///
  /// Nothing is set behind a pooler, because its sessions serve other clients as well; a pooler is
  /// recognised because the session's process number differs from that of the server process that
  /// answers. Idle transactions have no time limit: a connected client may pause for as long as it
  /// likes.
  func setServerKeepalive() {
    let serverSettings = [
      ("tcp_keepalives_idle", "\(keepalive.idle)"),
      ("tcp_keepalives_interval", "\(keepalive.interval)"),
      ("tcp_keepalives_count", "\(keepalive.count)"),
      // Twice the time, so that a client that reads slowly is not cut off.
      ("tcp_user_timeout", "\(2 * keepalive.userTimeout)"),
      // The same as for index builds: a longer interval that has begun would first run to its end.
      ("client_connection_check_interval", "1000"),
    ]
    let rows = SQL.joined(
      serverSettings.map { "(\(Literal($0.0)), \(Literal($0.1)))" }, separator: ", ")
    // A server that lacks one of the settings still accepts the others; a failure is ignored.
    _ = try? query(SessionQueries.setUnlessGiven(settings: rows, process: backendPID))
  }
}
