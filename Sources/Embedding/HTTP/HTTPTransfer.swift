internal import CCurl
internal import Clock
internal import Glibc

/// One request on its way, with libcurl's handle of it.
final class HTTPTransfer {
  /// The number of the request, by which its answer is known.
  let number: Int
  let easy: UnsafeMutableRawPointer
  private var parts = HTTPAnswerParts()
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let reason: UnsafeMutablePointer<CChar>
  private let proxy: HTTPProxy?
  private let address: HTTPAddress
  /// The number of times that libcurl has begun to send the request.
  private var sendings = 0
  /// When the request was sent; nil before.
  private(set) var sentAt: Double?
  /// When the latest bytes of the answer have arrived; nil before the first.
  private(set) var heardAt: Double?

  /// True where the request, or a part of it, may have left this machine.
  var wasSent: Bool { sendings > 0 }

  init(
    _ request: HTTPRequest, number: Int, to address: HTTPAddress, by route: HTTPRoute,
    connecting: Int
  ) throws(HTTPError) {
    guard let easy = curl_easy_init() else { throw .broken(reason: "no memory for a request") }
    self.number = number
    self.easy = easy
    proxy = route.proxy
    self.address = address
    reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
    reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    prepare(connecting: connecting)
    setRoute(route)
    setRequest(request, to: address)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(lines)
    reason.deallocate()
  }

  private func set(_ option: CURLoption, _ text: String) {
    _ = text.withCString { curl_set_pointer(easy, option, $0) }
  }

  private func prepare(connecting: Int) {
    curl_set_number(easy, CURLOPT_NOSIGNAL, 1)
    // The search for an address that nobody waits for any more ends by itself.
    curl_set_number(easy, CURLOPT_QUICK_EXIT, 1)
    curl_set_number(easy, CURLOPT_CONNECTTIMEOUT, connecting)
    curl_set_number(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    // Redirects are answers like others, because nothing is sent to a host that was not named.
    curl_set_number(easy, CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    curl_set_number(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // With TLS the handshake tells whether one connection takes many requests. Without it the first
    // answer would, and all other requests would wait for that.
    curl_set_number(easy, CURLOPT_PIPEWAIT, address.isSecure ? 1 : 0)
    // Services close connections that nobody uses; one that may be closed is not used again.
    curl_set_number(easy, CURLOPT_MAXAGE_CONN, 20)
    curl_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(HTTPAnswerParts.largestBody))
    curl_set_pointer(easy, CURLOPT_ERRORBUFFER, reason)
    curl_keep_sockets_private(easy)
    let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    curl_set_taker(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      HTTPTransfer.of(context)?.take(bytes, size * count) { $0.takeBody($1) } ?? 0
    }
    curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    curl_set_taker(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      HTTPTransfer.of(context)?.take(bytes, size * count) { $0.takeLine($1) } ?? 0
    }
    curl_set_pointer(easy, CURLOPT_PREREQDATA, context)
    curl_set_before_request(easy) { context, _, _, _, _ in
      HTTPTransfer.of(context)?.beginSending() ?? CURL_PREREQFUNC_ABORT
    }
  }

  private func setRoute(_ route: HTTPRoute) {
    // Empty texts also stop libcurl from reading variables of its own.
    set(CURLOPT_PROXY, route.proxy?.url ?? "")
    set(CURLOPT_NOPROXY, route.proxy?.exceptions ?? "")
    guard route.authorities != nil || route.authorityFolder != nil else { return }
    for (option, path) in [
      (CURLOPT_CAINFO, route.authorities), (CURLOPT_PROXY_CAINFO, route.authorities),
      (CURLOPT_CAPATH, route.authorityFolder), (CURLOPT_PROXY_CAPATH, route.authorityFolder),
    ] {
      if let path { set(option, path) } else { curl_set_pointer(easy, option, nil) }
    }
  }

  private func setRequest(_ request: HTTPRequest, to address: HTTPAddress) {
    set(CURLOPT_URL, "\(address)\(request.path)")
    set(CURLOPT_USERAGENT, "vector-ferry")
    // An empty `Expect` saves the wait for permission to send a large body.
    let fields =
      [("Content-Type", "application/json"), ("Accept", "application/json"), ("Expect", "")]
      + request.headers
    for (name, value) in fields {
      lines = curl_slist_append(lines, value.isEmpty ? "\(name):" : "\(name): \(value)")
    }
    curl_set_pointer(easy, CURLOPT_HTTPHEADER, lines)
    curl_set_number(easy, CURLOPT_POST, 1)
    curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
    _ = request.body.withUnsafeBytes {
      curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
    }
  }

  // MARK: What libcurl reports

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer? {
    context.map { Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Begins to send; refuses a second time, where a kept connection was closed meanwhile: each
  /// sending may be paid for, and is counted.
  private func beginSending() -> Int32 {
    guard !wasSent else { return CURL_PREREQFUNC_ABORT }
    sendings += 1
    sentAt = MonotonicClock.seconds()
    return CURL_PREREQFUNC_OK
  }

  private func take(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int,
    _ body: (inout HTTPAnswerParts, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    heardAt = MonotonicClock.seconds()
    return body(&parts, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  }

  /// Moves the times at which its limits began, where nobody could look for its answer meanwhile.
  func postpone(by seconds: Double) {
    sentAt? += seconds
    heardAt? += seconds
  }

  // MARK: The end

  /// Returns the answer, or throws what libcurl's code means.
  func answer(_ code: CURLcode, connecting: Int) throws(HTTPError) -> HTTPAnswer {
    if let fault = parts.fault { throw fault }
    guard code != CURLE_OK else { return try parts.whole() }
    throw error(code, connecting: connecting)
  }

  private func error(_ code: CURLcode, connecting: Int) -> HTTPError {
    let said = String(cString: reason)
    let words = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
    if let proxy, let error = proxyError(code, proxy, words) { return error }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .unresolved(reason: "its name has none")
    case CURLE_COULDNT_CONNECT: return .unconnected(reason: systemReason ?? words)
    case CURLE_OPERATION_TIMEDOUT where !wasSent:
      return .timedOut(what: "connecting", seconds: connecting)
    case CURLE_SSL_CACERT_BADFILE:
      return .untrusted(reason: "the authorities' certificates cannot be read")
    case CURLE_PEER_FAILED_VERIFICATION: return .untrusted(reason: mismatch(words))
    case CURLE_SSL_CONNECT_ERROR:
      // Where the handshake itself has failed, the same request would fail again a moment later.
      return words.contains("error:")
        ? .malformed("no TLS: \(words)") : .broken(reason: "during the TLS handshake")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      return .malformed("no HTTP/1.1")
    case CURLE_FILESIZE_EXCEEDED: return HTTPAnswerParts.tooLarge
    case CURLE_GOT_NOTHING: return .broken(reason: "before an answer")
    case CURLE_ABORTED_BY_CALLBACK: return .broken(reason: "before an answer")
    case CURLE_PARTIAL_FILE: return .broken(reason: "in the middle of the answer")
    default: return .broken(reason: words)
    }
  }

  private func proxyError(_ code: CURLcode, _ proxy: HTTPProxy, _ words: String) -> HTTPError? {
    var status = 0
    curl_read_number(easy, CURLINFO_HTTP_CONNECTCODE, &status)
    let variable = proxy.variable
    if !wasSent, status >= 300 {
      return .noProxy(
        variable: variable, reason: "answers status \(status)", isTemporary: status >= 500)
    }
    switch code {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return .noProxy(variable: variable, reason: "is not found", isTemporary: false)
    case CURLE_COULDNT_CONNECT:
      return .noProxy(
        variable: variable, reason: "makes no connection: \(systemReason ?? "")", isTemporary: true)
    case CURLE_PROXY, CURLE_UNSUPPORTED_PROTOCOL:
      guard !wasSent else { return nil }
      return .noProxy(variable: variable, reason: "cannot be used", isTemporary: false)
    default: return nil
    }
  }

  /// The system's words for why there is no connection.
  private var systemReason: String? {
    var code = 0
    curl_read_number(easy, CURLINFO_OS_ERRNO, &code)
    return code == 0 ? nil : String(cString: strerror(Int32(truncatingIfNeeded: code)))
  }

  /// Writes libcurl's words for a certificate of another host shorter, and without that host's name.
  private func mismatch(_ words: String) -> String {
    guard words.contains("no alternative certificate subject name") else {
      return words.replacing("SSL certificate problem: ", with: "")
    }
    return address.isNumeric ? "IP address mismatch" : "hostname mismatch"
  }
}
