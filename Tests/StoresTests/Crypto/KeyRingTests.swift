import JSON
import Stores
import TestSupport
import Testing

@Suite("KeyRing and MetadataContent")
struct KeyRingTests {
  /// A key that is no secret, by which tests find that a key is shown.
  private static let canary = "Y2FuYXJ5LWtleS10aGF0LW5vYm9keS1tYXktc2VlLTAxMjM="
  /// The token of the specification, which no key of these tests decrypts.
  private static let token =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOP"
    + "mrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="

  @Test("a user's key depends on master key and user id, and an empty master key is none")
  func derivation() throws {
    let plain = KeyRing(environment: [:])
    // This key is the SHA-256 of `default_key_alice`.
    let alice = try #require(FernetKey(base64: "fdKsLu_7QzI4Onbbw69Lk_lghNJRXT2XHAamoaemPJ8="))
    #expect(try plain.key(ofDirectory: "alice").matches(alice))
    #expect(
      try KeyRing(environment: ["ENCRYPTION_MASTER_KEY": ""]).key(ofDirectory: "alice").matches(
        alice))
    #expect(try !plain.key(ofDirectory: "bob").matches(alice))
    let ring = KeyRing(environment: ["ENCRYPTION_MASTER_KEY": Self.canary])
    #expect(ring.hasMasterKey && !plain.hasMasterKey)
    #expect(try !ring.key(ofDirectory: "alice").matches(alice))
    #expect(try ring.key(ofDirectory: "alice").matches(ring.key(ofDirectory: "alice")))
  }

  @Test("user ids that Unicode calls equal have keys of their own")
  func unicode() throws {
    let ring = KeyRing(environment: [:])
    let composed = try ring.key(ofDirectory: "jos\u{E9}")
    #expect(try !ring.key(ofDirectory: "jose\u{301}").matches(composed))
    #expect(try ring.key(ofDirectory: "jos\u{E9}").matches(composed))
  }

  @Test("a master key that goes on behind its padding has two candidates")
  func candidates() {
    func count(_ text: String) -> Int {
      KeyRing(environment: ["ENCRYPTION_MASTER_KEY": text]).candidates
    }
    #expect(count(Self.canary) == 1)
    #expect(count(Self.canary + "\n") == 1)
    #expect(count("no base64") == 1)
    #expect(count(Self.canary + " # production") == 2)
  }

  @Test("a map gives the application's user id for a directory")
  func userIDs() throws {
    let text = #" { "a_b_com": "a@b.com", "jos\u00e9": "x" }"#
    let map = try UserIDMap(reading: MemoryByteSource(Array(text.utf8), chunk: 3))
    #expect(map.userID(ofDirectory: "a_b_com") == "a@b.com")
    #expect(map.userID(ofDirectory: "jos\u{E9}") == "x")
    #expect(map.userID(ofDirectory: "jose\u{301}") == "jose\u{301}")
    #expect(map.userID(ofDirectory: "other") == "other")
    let ring = KeyRing(environment: [:], userIDs: map)
    let direct = try KeyRing(environment: [:]).key(ofDirectory: "a@b.com")
    #expect(try ring.key(ofDirectory: "a_b_com").matches(direct))
    for bad in ["[]", "{\"a\":1}", "{\"a\":\"b\",\"a\":\"c\"}", "{", ""] {
      #expect(throws: (any Error).self, "\(bad)") {
        try UserIDMap(reading: MemoryByteSource(Array(bad.utf8)))
      }
    }
  }

  @Test("content alone tells plain from encrypted, and nothing falls back")
  func detection() throws {
    for master in ["", Self.canary] {
      let ring = KeyRing(environment: ["ENCRYPTION_MASTER_KEY": master])
      func open(_ text: String) throws -> MetadataContent {
        try MetadataContent(
          opening: MemoryByteSource(Array(text.utf8), chunk: 2), directory: "alice", keys: ring)
      }
      for plain in [
        "[]", " \r\n\t[1", "\u{FEFF}[", "\u{FEFF} \n[]", String(repeating: " ", count: 9_000) + "[",
      ] {
        let content = try open(plain)
        #expect(!content.isEncrypted)
        #expect(try bytes(of: content.json, chunk: 100) == Array(plain.utf8))
        #expect(try MetadataContent.isPlain(MemoryByteSource(Array(plain.utf8))))
      }
      for neither in ["", "  ", "{}", "\"[]\"", "null", "gAAAA", "x[]", "\u{FEFF}"] {
        #expect(throws: FernetError.notAToken, "\(neither)") { try open(neither) }
      }
      #expect(throws: FernetError.notAuthentic) { try open(Self.token) }
    }
  }

  @Test("no description shows a key")
  func canary() throws {
    let map = UserIDMap(["x": "y"])
    let ring = KeyRing(environment: ["ENCRYPTION_MASTER_KEY": Self.canary], userIDs: map)
    let key = try ring.key(ofDirectory: "alice")
    var shown = ["\(ring)", String(reflecting: ring), "\(key)", String(reflecting: key)]
    for subject in [ring, key] as [Any] {
      var dumped = ""
      dump(subject, to: &dumped)
      shown.append(dumped)
    }
    for text in [Self.token, "", Self.canary, "{\"\(Self.canary)\""] {
      let source = MemoryByteSource(Array(text.utf8))
      do {
        _ = try MetadataContent(opening: source, directory: "alice", keys: ring)
        Issue.record("opened")
      } catch {
        shown += ["\(error)", String(reflecting: error)]
      }
    }
    for text in shown {
      #expect(!text.contains("canary-key") && !text.contains(Self.canary.prefix(12)), "\(text)")
      #expect(!text.contains("99, 97, 110"), "\(text)")
    }
    #expect(FernetKey(base64: "too short") == nil)
  }

  @Test("errors say what to do")
  func remedies() {
    #expect("\(FernetError.notAuthentic)".contains("ENCRYPTION_MASTER_KEY"))
    #expect("\(FernetError.notAuthentic)".contains("--user-id-map"))
  }
}
