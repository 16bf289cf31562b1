internal import CTLS
internal import Glibc

/// The settings of all encrypted connections: at least TLS 1.2, and the trusted authorities.
final class TLSContext {
  fileprivate let handle: OpaquePointer

  /// Loads the authorities from a file, or else the system's own: OpenSSL reads SSL_CERT_FILE and
  /// SSL_CERT_DIR itself.
  init(authorities: String? = nil) throws(HTTPError) {
    guard let handle = SSL_CTX_new(TLS_client_method()) else {
      throw .broken(reason: "no TLS: \(Self.lastReason)")
    }
    self.handle = handle
    SSL_CTX_ctrl(handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    let isLoaded =
      authorities.map { SSL_CTX_load_verify_locations(handle, $0, nil) }
      ?? SSL_CTX_set_default_verify_paths(handle)
    guard isLoaded == 1 else {
      throw .untrusted(reason: "the authorities' certificates cannot be read: \(Self.lastReason)")
    }
  }

  deinit { SSL_CTX_free(handle) }

  /// OpenSSL's words for the latest error of this thread.
  static var lastReason: String {
    let code = ERR_peek_last_error()
    defer { ERR_clear_error() }
    return ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
  }
}

/// One encrypted connection over a socket; OpenSSL works in memory, and this class sends and
/// receives the bytes.
final class TLSChannel {
  private let session: OpaquePointer
  /// The received bytes that are not decrypted yet; the session owns both buffers.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let socket: Socket
  private let context: TLSContext

  /// Performs the handshake; accepts only a certificate for `host` that a trusted authority has
  /// signed.
  init(
    over socket: Socket, host: String, context: TLSContext, deadline: Deadline
  ) throws(HTTPError) {
    guard let session = SSL_new(context.handle), let incoming = BIO_new(BIO_s_mem()),
      let outgoing = BIO_new(BIO_s_mem())
    else { throw .broken(reason: "no TLS: \(TLSContext.lastReason)") }
    SSL_set_bio(session, incoming, outgoing)
    (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
    (self.socket, self.context) = (socket, context)
    try expect(host)
    SSL_set_connect_state(session)
    try drive(deadline) { SSL_do_handshake(session) }
  }

  deinit { SSL_free(session) }

  /// Sets the host that the certificate must be for; a name is also sent unencrypted (SNI), an
  /// address is not.
  private func expect(_ host: String) throws(HTTPError) {
    var space = in6_addr()
    let isAddress = inet_pton(AF_INET, host, &space) == 1 || inet_pton(AF_INET6, host, &space) == 1
    if isAddress {
      guard X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1 else {
        throw .untrusted(reason: TLSContext.lastReason)
      }
      return
    }
    SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    var name = host.utf8CString.map { $0 }
    let isNamed = name.withUnsafeMutableBytes {
      SSL_ctrl(
        session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), $0.baseAddress)
    }
    guard isNamed == 1, SSL_set1_host(session, host) == 1 else {
      throw .untrusted(reason: TLSContext.lastReason)
    }
  }

  /// Encrypts and sends bytes.
  func send(_ bytes: [UInt8], deadline: Deadline) throws(HTTPError) {
    try drive(deadline) {
      bytes.withUnsafeBytes { SSL_write(session, $0.baseAddress, Int32(clamping: $0.count)) }
    }
  }

  /// Receives the next decrypted bytes; an empty slice means the end of the connection.
  func receive(deadline: Deadline) throws(HTTPError) -> ArraySlice<UInt8> {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let size = Int32(buffer.count)
    let count = try drive(deadline) { SSL_read(session, &buffer, size) }
    return buffer[..<count]
  }

  /// Repeats a call of OpenSSL, moving bytes in both directions, until the call is done; returns
  /// the call's result, or 0 at the end of the connection.
  @discardableResult
  private func drive(_ deadline: Deadline, _ call: () -> Int32) throws(HTTPError) -> Int {
    while true {
      ERR_clear_error()
      let result = call()
      let wish = SSL_get_error(session, result)
      try flush(deadline)
      switch wish {
      case SSL_ERROR_NONE: return Int(result)
      case SSL_ERROR_ZERO_RETURN: return 0
      case SSL_ERROR_WANT_READ:
        let bytes = try socket.receive(deadline: deadline)
        guard !bytes.isEmpty else {
          guard SSL_is_init_finished(session) == 1 else {
            throw .broken(reason: "during the TLS handshake")
          }
          return 0
        }
        _ = bytes.withUnsafeBytes { BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
      case SSL_ERROR_WANT_WRITE: continue
      default: throw fault()
      }
    }
  }

  private func flush(_ deadline: Deadline) throws(HTTPError) {
    while true {
      let waiting = BIO_ctrl_pending(outgoing)
      guard waiting > 0 else { return }
      var bytes = [UInt8](repeating: 0, count: waiting)
      let count = BIO_read(outgoing, &bytes, Int32(clamping: waiting))
      guard count > 0 else { return }
      try socket.send(Array(bytes[..<Int(count)]), deadline: deadline)
    }
  }

  private func fault() -> HTTPError {
    let verdict = SSL_get_verify_result(session)
    if verdict != Int(X509_V_OK) {
      return .untrusted(reason: String(cString: X509_verify_cert_error_string(verdict)))
    }
    // Where the handshake has failed, the same request would fail again a moment later.
    return SSL_is_init_finished(session) == 1
      ? .broken(reason: "TLS: \(TLSContext.lastReason)")
      : .malformed("no TLS: \(TLSContext.lastReason)")
  }
}
