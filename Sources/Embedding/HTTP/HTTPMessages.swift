/// A question to a service; always a POST with a JSON body.
struct HTTPRequest: Sendable {
  /// What follows the address's own path.
  let path: String
  /// Fields beside those that every request has.
  let headers: [(name: String, value: String)]
  let body: [UInt8]

  /// The bytes that are sent (RFC 9112).
  func bytes(to address: HTTPAddress) -> [UInt8] {
    var head = "POST \(address.path)\(path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
    head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
    head += "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: vector-ferry\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8) + body
  }
}

/// What a service has answered.
struct HTTPAnswer: Equatable, Sendable {
  let status: Int
  /// By name in lower case; of a repeated field the values, with commas between them.
  let headers: [String: String]
  let body: [UInt8]
}
