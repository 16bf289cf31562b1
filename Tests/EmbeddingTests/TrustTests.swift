import Foundation
import TestSupport
import Testing

@testable import Embedding

/// Tests which certificates are trusted for TLS.
@Suite(
  .enabled(
    if: EmbeddingService.isAvailable && TestCertificate.isAvailable, "no Python or no openssl"))
struct TrustTests {
  private func answer(
    names: String, days: Int = 2, host: String = "localhost", isTrusted: Bool = true
  ) throws -> HTTPAnswer {
    let certificate = try TestCertificate(names: names, days: days)
    let service = try EmbeddingService(certificate: certificate)
    let client = HTTPClient(
      try HTTPAddress("\(service.url(host: host))/v1"),
      by: HTTPRoute(authorities: isTrusted ? certificate.authority : nil))
    let body = Array(#"{"input": ["a", "b"], "model": "m"}"#.utf8)
    let request = HTTPRequest(path: "/embeddings", headers: [], body: body)
    let first = try client.send(request)
    #expect(try client.send(request) == first)
    #expect(try service.questions.map(\.connection) == [1, 1])
    return first
  }

  @Test(arguments: [("DNS:localhost", "localhost"), ("IP:127.0.0.1", "127.0.0.1")])
  func `a certificate of a known authority for this host is believed`(
    names: String, host: String
  ) throws {
    #expect(try answer(names: names, host: host).status == 200)
  }

  @Test func `any other certificate is refused, and says why`() throws {
    let cases: [(String, Int, String, Bool, String)] = [
      ("DNS:localhost", 2, "localhost", false, "unable to get local issuer certificate"),
      ("DNS:localhost", -1, "localhost", true, "certificate has expired"),
      ("DNS:other.example", 2, "localhost", true, "hostname mismatch"),
      ("DNS:127.0.0.1", 2, "127.0.0.1", true, "IP address mismatch"),
      ("DNS:local*", 2, "localhost", true, "hostname mismatch"),
    ]
    for (names, days, host, isTrusted, words) in cases {
      let error = #expect(throws: HTTPError.self) {
        try answer(names: names, days: days, host: host, isTrusted: isTrusted)
      }
      guard case .untrusted(let reason) = error else {
        Issue.record("\(names): \(String(describing: error))")
        continue
      }
      #expect(reason.lowercased().contains(words.lowercased()), "\(names): \(reason)")
    }
  }

  @Test func `what speaks no TLS is no encrypted service, and is not asked again`() throws {
    let service = try EmbeddingService()
    // The service answers before it has read a request.
    try service.speakFirst("HTTP/1.1 400 Bad Request\r\n\r\n")
    let client = HTTPClient(
      try HTTPAddress("https://127.0.0.1:\(service.port)"),
      timeouts: HTTPClient.Timeouts(connecting: 5, answering: 5))
    let error = #expect(throws: HTTPError.self) {
      try client.send(HTTPRequest(path: "/", headers: [], body: []))
    }
    #expect(error?.isTemporary == false && error?.words.contains("no TLS") == true)
  }
}

extension HTTPClient {
  /// Sends a request, and waits for the answer.
  func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPAnswer {
    let number = try begin(request)
    while true {
      for ended in wait(atMost: 1) where ended.number == number { return try ended.result.get() }
    }
  }
}
