import Testing

@testable import Embedding

/// Tests addresses of services, as operators write them.
struct HTTPAddressTests {
  @Test(arguments: [
    ("https://api.openai.com/v1", "https://api.openai.com/v1", false),
    ("HTTPS://API.OpenAI.com/v1/", "https://api.openai.com/v1", false),
    ("http://localhost:8080", "http://localhost:8080", true),
    ("http://[::1]:11434/x//", "http://[::1]:11434/x", true),
    ("http://127.0.0.9", "http://127.0.0.9", true),
    ("http://127.example.org", "http://127.example.org", false),
    ("https://h:443", "https://h", false),
  ])
  func `an address is read`(text: String, shown: String, isLoopback: Bool) throws {
    let address = try HTTPAddress(text)
    #expect(address.description == shown)
    #expect(address.isLoopback == isLoopback)
  }

  @Test(arguments: [
    ("api.openai.com", HTTPAddressFault.notHTTP), ("ftp://h", .notHTTP), ("", .notHTTP),
    ("https://", .host), ("https:///v1", .host), ("http://:80", .host), ("http://[::1", .host),
    ("http://h:0", .port), ("http://h:65536", .port), ("http://h:x", .port), ("http://h:", .port),
    ("https://h/v1?api-version=1", .query), ("https://h/#x", .query),
    ("https://user:word@h", .credentials), ("https://h/a b", .unprintable),
    ("https://h/\r\nX: y", .unprintable), ("https://höst", .unprintable),
  ])
  func `an address is refused by what is wrong with it`(text: String, fault: HTTPAddressFault) {
    #expect(throws: fault) { try HTTPAddress(text) }
  }
}
