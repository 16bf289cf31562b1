/// A request to a service; always a POST with a JSON body.
struct HTTPRequest: Sendable {
  /// The path of the request, which is added to the address's path.
  let path: String
  /// The header fields in addition to those of every request.
  let headers: [(name: String, value: String)]
  let body: [UInt8]

  /// Encodes the bytes that are sent (RFC 9112).
  func bytes(to address: HTTPAddress) -> [UInt8] {
    var head = "POST \(address.path)\(path) HTTP/1.1\r\nHost: \(address.authority)\r\n"
    head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n"
    head += "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: vector-ferry\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8) + body
  }
}

/// The answer of a service.
struct HTTPAnswer: Equatable, Sendable {
  let status: Int
  /// The header fields by lower-case name; the values of a repeated field are joined by commas.
  let headers: [String: String]
  let body: [UInt8]
}
