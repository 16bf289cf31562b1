/// A request to a service; always a POST with a JSON body.
struct HTTPRequest: Sendable {
  /// The path of the request, which is added to the address's path.
  let path: String
  /// The header fields in addition to those of every request.
  let headers: [(name: String, value: String)]
  let body: [UInt8]
}

/// The answer of a service.
struct HTTPAnswer: Equatable, Sendable {
  let status: Int
  /// The header fields by lower-case name; the values of a repeated field are joined by commas.
  let headers: [String: String]
  let body: [UInt8]
}
