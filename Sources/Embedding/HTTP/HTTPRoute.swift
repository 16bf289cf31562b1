/// The way to a service: through which proxy, and which authorities may vouch for it.
struct HTTPRoute: Equatable, Sendable {
  /// The proxy; nil for none.
  let proxy: HTTPProxy?
  /// A file of certificates to trust instead of the system's.
  let authorities: String?
  /// A folder of certificates to trust instead of the system's.
  let authorityFolder: String?

  /// Creates a way without a proxy.
  init(authorities: String? = nil) {
    proxy = nil
    self.authorities = authorities
    authorityFolder = nil
  }

  /// Reads the variables that other programs read, too: those of OpenSSL, and those of curl.
  ///
  /// What is sent to this machine itself goes through no proxy: it would leave the machine, with a
  /// key perhaps.
  init(to address: HTTPAddress, environment: [String: String]) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    authorities = value("SSL_CERT_FILE")
    authorityFolder = value("SSL_CERT_DIR")
    // A server that runs a program by CGI sets HTTP_PROXY to what its client says.
    let upper = value("REQUEST_METHOD") == nil ? ["HTTP_PROXY"] : []
    let names = address.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"] + upper
    let found = (names + ["all_proxy", "ALL_PROXY"]).first { value($0) != nil }
    guard !address.isLoopback, let found, let url = value(found) else {
      proxy = nil
      return
    }
    proxy = HTTPProxy(
      variable: found, url: url, exceptions: value("no_proxy") ?? value("NO_PROXY") ?? "")
  }
}

/// A proxy; no description shows its address, which may hold a password.
struct HTTPProxy: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The variable that names the proxy.
  let variable: String
  let url: String
  /// The hosts that are reached without the proxy, as curl reads `NO_PROXY`.
  let exceptions: String

  var description: String { "the proxy of \(variable)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
