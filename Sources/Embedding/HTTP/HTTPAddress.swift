/// The address of a service: scheme, host, port, and the path that requests add their own path to.
struct HTTPAddress: Hashable, Sendable, CustomStringConvertible {
  /// True for TLS.
  let isSecure: Bool
  /// The host as a name, or as an address without brackets.
  let host: String
  let port: UInt16
  /// The path that requests add their own path to; empty, or begins with a slash and ends without
  /// one.
  let path: String

  /// Reads `http://host:port/path` or the same with https.
  ///
  /// Throws the reason where the address is wrong, without repeating it, because it may contain a
  /// secret.
  init(_ text: String) throws(HTTPAddressFault) {
    let lowercase = text.lowercased()
    let rest: Substring
    if lowercase.hasPrefix("https://") {
      isSecure = true
      rest = text.dropFirst(8)
    } else if lowercase.hasPrefix("http://") {
      isSecure = false
      rest = text.dropFirst(7)
    } else {
      throw .notHTTP
    }
    guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .unprintable }
    guard !rest.contains(where: { "?#".contains($0) }) else { throw .query }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = rest[..<slash]
    guard !authority.contains("@") else { throw .credentials }
    (host, port) = try Self.split(authority, usualPort: isSecure ? 443 : 80)
    var path = String(rest[slash...])
    while path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  private static func split(
    _ authority: Substring, usualPort: UInt16
  ) throws(HTTPAddressFault) -> (String, UInt16) {
    var host = authority
    var digits: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { throw .host }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":") else { throw .host }
      digits = tail.isEmpty ? nil : tail.dropFirst()
    } else if let colon = authority.firstIndex(of: ":") {
      host = authority[..<colon]
      digits = authority[authority.index(after: colon)...]
    }
    guard !host.isEmpty else { throw .host }
    guard let digits else { return (host.lowercased(), usualPort) }
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0
    else { throw .port }
    return (host.lowercased(), port)
  }

  /// The host, with its port unless that is the usual one, as in a URL and in the header `Host`.
  var authority: String {
    let shown = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? shown : "\(shown):\(port)"
  }

  /// The address as a URL.
  var description: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }

  /// True for this machine itself: no other machine can read what is sent.
  var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    return isNumeric && host.hasPrefix("127.")
  }

  /// True where the host is an address, not a name.
  var isNumeric: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host.contains(":") || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// A fault in the address of a service.
enum HTTPAddressFault: Error {
  case notHTTP
  case unprintable
  case query
  case credentials
  case host
  case port

  /// The fault in words.
  var words: String {
    switch self {
    case .notHTTP: "begins neither with https:// nor with http://"
    case .unprintable: "holds a space or a character beyond ASCII"
    case .query: "has a query or a fragment, which this program does not send"
    case .credentials: "has a user name or a password in it; the key has a variable of its own"
    case .host: "names no host"
    case .port: "has no port between 1 and 65535 behind its colon"
    }
  }
}
