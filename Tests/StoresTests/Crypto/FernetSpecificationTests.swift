import Stores
import Testing

@Suite("Fernet, the specification's vectors")
struct FernetSpecificationTests {
  private static let secret = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
  private static let token =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOP"
    + "mrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="

  @Test("the valid token decrypts, without a look at its age")
  func valid() throws {
    let key = try #require(FernetKey(base64: Self.secret))
    #expect(try Fernet.decrypt(Array(Self.token.utf8), key: key) == Array("hello".utf8))
  }
}
