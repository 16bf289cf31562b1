internal import CLibPQ
internal import Glibc

/// How soon either side of a connection notices that the other machine, or the way to it, is gone.
///
/// The names are libpq's. What a URL, a variable or a service file sets there holds.
struct Keepalive {
  /// Seconds without traffic until the other machine is asked for a sign of life.
  var idle = 5
  /// Seconds between two such questions.
  var interval = 5
  /// Questions without an answer that end the connection.
  var count = 3
  /// Milliseconds that sent data may go unacknowledged.
  var userTimeout = 30_000

  /// Seconds after which the tool itself counts a connection as lost that has fallen silent.
  var silence = 20.0

  /// The defaults, with what the session was opened with in their place.
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
  /// Sets on the open socket what the operator has not set: only now is it known what a service
  /// file says.
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

  /// Asks the server for the same watchfulness, so that a transaction whose client is gone does not
  /// keep its locks; what its administrator has set stays.
  ///
  /// A pooler shows another process than the one that answers: its sessions serve others as well,
  /// and are left as they are. There is no limit for idle transactions: a client that is
  /// there may take its time.
  func setServerKeepalive() {
    let wishes = [
      ("tcp_keepalives_idle", "\(keepalive.idle)"),
      ("tcp_keepalives_interval", "\(keepalive.interval)"),
      ("tcp_keepalives_count", "\(keepalive.count)"),
      // Twice the time: a client that is slow to read must not be cut off.
      ("tcp_user_timeout", "\(2 * keepalive.userTimeout)"),
      // As short as index builds want it: a longer interval, once begun, is waited for to its end.
      ("client_connection_check_interval", "1000"),
    ]
    let rows = SQL.joined(
      wishes.map { "(\(Literal($0.0)), \(Literal($0.1)))" }, separator: ", ")
    // A server without one of them still takes the others; none of them is worth a failure.
    _ = try? query(
      """
      SELECT pg_catalog.set_config(s.name, w.value, false)
      FROM pg_catalog.pg_settings s JOIN (VALUES \(rows)) w(name, value)
        ON w.name OPERATOR(pg_catalog.=) s.name
      WHERE s.source OPERATOR(pg_catalog.=) 'default'
        AND pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) \(backendPID)
      """)
  }
}
