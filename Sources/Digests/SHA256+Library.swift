internal import CCrypto

extension SHA256 {
  /// The name and version of the library that computes digests, as in `OpenSSL 3.0.15`.
  public static var libraryVersion: String {
    let words = OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "OpenSSL"
    return words.split(separator: " ").prefix(2).joined(separator: " ")
  }
}
