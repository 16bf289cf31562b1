import Foundation
import TestSupport
import Testing

@testable import Embedding

/// Tests proxies of the environment, and answers that are not accepted.
@Suite(
  .enabled(
    if: EmbeddingService.isAvailable && TestCertificate.isAvailable, "no Python or no openssl"))
struct ProxyTests {
  private static let key = "sk-fake-0123456789-not-a-key"

  private func embedder(
    _ environment: [String: String], url: String = "https://service.example/v1"
  ) throws -> Embedder {
    let base = [
      "EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "m", "OPENAI_BASE_URL": url,
      "OPENAI_API_KEY": Self.key, "EMBEDDING_DIMENSIONS": "8",
    ]
    return Embedder(
      try EmbeddingSettings(.init(), environment: base.merging(environment) { $1 }), cache: nil,
      policy: RetryPolicy(attempts: 2, firstPause: 0.01, longestPause: 0.02))
  }

  @Test func `a request goes through the proxy, encrypted to the service itself`() throws {
    let certificate = try TestCertificate(names: "DNS:service.example")
    let service = try EmbeddingService(certificate: certificate)
    try service.beProxy()
    let trust = ["SSL_CERT_FILE": certificate.authority]
    let proxy = "http://127.0.0.1:\(service.port)"
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
      let outcomes = try embedder(trust.merging([name: proxy]) { $1 }).embed([
        LabelledText("1", "a")
      ])
      guard case .vector = outcomes[0] else { Issue.record("\(name)"); continue }
    }
    #expect(try service.connects == Array(repeating: "service.example:443", count: 4))
    #expect(try service.questions.allSatisfy { $0.authorization == "Bearer \(Self.key)" })
    // The proxy gets the host's name, and no other server may answer for this name.
    let error = #expect(throws: EmbeddingError.self) {
      try embedder(["HTTPS_PROXY": proxy]).embed([LabelledText("1", "a")])
    }
    #expect(error?.problem.contains("could not prove") == true)
  }

  @Test func `NO_PROXY and this machine are reached without the proxy`() throws {
    let service = try EmbeddingService()
    let proxy = ["ALL_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"]
    // A key over plain HTTP must not leave the machine.
    _ = try embedder(proxy, url: service.url()).embed([LabelledText("1", "a")])
    #expect(try service.questions.count == 1)
    let error = #expect(throws: EmbeddingError.self) {
      try embedder(
        proxy.merging(["NO_PROXY": "other.example, .invalid"]) { $1 }, url: "https://box.invalid"
      )
      .embed([LabelledText("1", "a")])
    }
    #expect(error?.problem.contains("the address of the host is not found") == true)
  }

  @Test func `a proxy that refuses is named by its variable, without its password`() throws {
    let service = try EmbeddingService()
    for (status, words) in [(407, "answers status 407"), (502, "answers status 502")] {
      try service.beProxy(status: status)
      let error = #expect(throws: EmbeddingError.self) {
        try embedder(["HTTPS_PROXY": "http://u:sesame@127.0.0.1:\(service.port)"]).embed([
          LabelledText("1", "a")
        ])
      }
      #expect(
        error?.problem.contains("the proxy of HTTPS_PROXY \(words)") == true,
        "\(String(describing: error))")
      #expect(error?.description.contains("sesame") == false)
    }
    let nobody = #expect(throws: EmbeddingError.self) {
      try embedder(["HTTPS_PROXY": "http://127.0.0.1:1"]).embed([LabelledText("1", "a")])
    }
    #expect(nobody?.problem.contains("makes no connection: Connection refused") == true)
    let settings = try embedder(["HTTPS_PROXY": "http://u:sesame@box:1"]).settings
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(!dumped.contains("sesame") && !"\(settings)".contains("sesame"))
  }

  @Test func `answers that are too large, compressed or without an end are not accepted`() throws {
    let cases = [
      (#"{"raw": "HTTP/1.1 200 X\r\nContent-Length: 99999999999\r\n\r\n"}"#, "more than 64 MiB"),
      (
        #"{"raw": "HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"}"#,
        "compressed"
      ),
      (#"{"headers": {"X-Long": "\#(String(repeating: "x", count: 70_000))"}}"#, "64 KiB"),
    ]
    for (step, words) in cases {
      let service = try EmbeddingService()
      try service.plan("[\(step)]")
      let error = #expect(throws: EmbeddingError.self) {
        try embedder([:], url: service.url()).embed([LabelledText("1", "a")])
      }
      #expect(error?.problem.contains(words) == true, "\(words): \(String(describing: error))")
    }
    var parts = HTTPAnswerParts()
    let piece = [UInt8](repeating: 0, count: 1 << 20)
    var taken = 0
    while taken < 100, piece.withUnsafeBytes({ bytes in parts.takeBody(bytes) }) { taken += 1 }
    #expect(taken == 64 && parts.fault == HTTPAnswerParts.tooLarge)
  }

  @Test func `an answer that stops in the middle is given up`() throws {
    let service = try EmbeddingService()
    try service.plan(
      #"[{"raw": "HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\n{}"}, {}]"#)
    let client = HTTPClient(
      try HTTPAddress("\(service.url())/v1"),
      timeouts: HTTPClient.Timeouts(connecting: 5, silent: 1, answering: 20))
    let body = Array(#"{"input": ["a"], "model": "m"}"#.utf8)
    let request = HTTPRequest(path: "/embeddings", headers: [], body: body)
    #expect(throws: HTTPError.timedOut(what: "the rest of the answer", seconds: 1)) {
      try client.send(request)
    }
    #expect(try client.send(request).status == 200)
  }
}
