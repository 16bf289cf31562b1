/// The reason why a request got no answer.
enum HTTPError: Error, Equatable {
  /// The host's name has no address.
  case unresolved(reason: String)
  /// No address accepted the connection.
  case unconnected(reason: String)
  /// The proxy, which `variable` names, made no connection to the service.
  case noProxy(variable: String, reason: String, isTemporary: Bool)
  /// The server did not prove its identity.
  case untrusted(reason: String)
  /// The step `what` took longer than its limit.
  case timedOut(what: String, seconds: Int)
  /// The connection broke, or its encryption did.
  case broken(reason: String)
  /// The answer is not HTTP, or larger than accepted.
  case malformed(String)

  /// True where the same request may be answered a moment later.
  var isTemporary: Bool {
    switch self {
    case .unresolved, .unconnected, .timedOut, .broken: true
    case .noProxy(_, _, let isTemporary): isTemporary
    case .untrusted, .malformed: false
    }
  }

  /// The error in words, without what was sent.
  var words: String {
    switch self {
    case .unresolved(let reason): "the address of the host is not found: \(reason)"
    case .unconnected(let reason): "no connection: \(reason)"
    case .noProxy(let variable, let reason, _): "the proxy of \(variable) \(reason)"
    case .untrusted(let reason): "it could not prove that it is that host: \(reason)"
    case .timedOut(let what, let seconds): "\(what) took more than \(seconds) s"
    case .broken(let reason): "the connection broke: \(reason)"
    case .malformed(let reason): "the answer is not understood: \(reason)"
    }
  }
}
