import Foundation

/// A certificate authority for tests and a certificate that it has signed, made with the program
/// `openssl`.
public final class TestCertificate {
  /// The authority's certificate, for SSL_CERT_FILE.
  public let authority: String
  /// The server's certificate.
  public let certificate: String
  /// The server's key.
  public let key: String
  private let folder: TemporaryDirectory

  /// True where the program `openssl` is installed.
  public static let isAvailable = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  /// Creates a certificate for `names`, such as `DNS:localhost,IP:127.0.0.1`, that is valid for
  /// `days` from now; with a negative number, it has expired.
  public init(names: String, days: Int = 2) throws {
    folder = try TemporaryDirectory("certificate")
    (authority, certificate, key) = (
      folder.file("ca.pem"), folder.file("server.pem"), folder.file("server.key")
    )
    try folder.write("subjectAltName=\(names)\n", to: "extensions")
    try openssl(
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.file("ca.key"), "-out",
      authority, "-days", "2", "-subj", "/CN=test authority")
    try openssl(
      "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", folder.file("request"),
      "-subj", "/CN=test server")
    try openssl(
      "x509", "-req", "-in", folder.file("request"), "-CA", authority, "-CAkey",
      folder.file("ca.key"), "-CAcreateserial", "-out", certificate, "-days", "\(days)",
      "-extfile", folder.file("extensions"))
  }

  private func openssl(_ arguments: String...) throws {
    let outcome = try TestSupport.run("/usr/bin/openssl", arguments)
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
  }
}
