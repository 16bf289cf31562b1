import Stores
import Testing

@Suite("StoreName")
struct StoreNameTests {
  @Test("names are compared by bytes: two spellings of é are two users")
  func bytewise() {
    let composed = StoreName(user: "caf\u{E9}", collection: "a")
    let decomposed = StoreName(user: "cafe\u{301}", collection: "a")
    #expect(composed.user == decomposed.user, "Swift calls the strings equal")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    // 'e' sorts before the first byte of 'é'.
    #expect(decomposed < composed)
  }

  @Test("parts do not run together when they are hashed or ordered")
  func parts() {
    let names = [("a", "bc"), ("ab", "c"), ("ab", "d"), ("abc", "")].map {
      StoreName(user: $0.0, collection: $0.1)
    }
    #expect(Set(names).count == 4)
    #expect(names.shuffled().sorted() == names)
  }

  @Test("the description stands on one line")
  func description() {
    #expect("\(StoreName(user: "a b", collection: "n.o_t-es"))" == "a b/n.o_t-es")
    #expect("\(StoreName(user: "a\nb", collection: "\t😀"))" == "a\\nb/\\t😀")
    #expect("\(StoreName(user: "\u{202E}x", collection: ""))" == "\\u{202e}x")
  }

  @Test(
    "what varchar(255) cannot hold has a problem",
    arguments: [
      (StoreName(user: "a", collection: "b"), nil),
      (StoreName(user: String(repeating: "😀", count: 255), collection: "b"), nil),
      (StoreName(user: String(repeating: "a", count: 256), collection: "b"), "user_id"),
      (StoreName(user: "a", collection: String(repeating: "ü", count: 256)), "collection_name"),
      (StoreName(user: "", collection: "b"), "the user name is empty"),
      (StoreName(user: "a", collection: ""), "the collection name is empty"),
      (StoreName(user: "a\0", collection: "b"), "U+0000"),
    ] as [(StoreName, String?)])
  func problems(name: StoreName, expected: String?) {
    if let expected {
      #expect(name.problem?.contains(expected) == true)
    } else {
      #expect(name.problem == nil)
    }
  }
}
