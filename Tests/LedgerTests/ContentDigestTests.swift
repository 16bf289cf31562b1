import Stores
import Testing

@testable import Ledger

@Suite struct ContentDigestTests {
  @Test func `the order of documents does not matter, everything else does`() throws {
    var generator = SystemRandomNumberGenerator()
    let prints = (0..<20).map { _ in
      DocumentDigest(
        high: UInt64.random(in: 0 ... .max, using: &generator),
        low: UInt64.random(in: 0 ... .max, using: &generator))
    }
    func sum(_ values: [DocumentDigest]) -> ContentDigest {
      values.reduce(into: ContentDigest()) { $0.add($1) }
    }
    #expect(sum(prints) == sum(prints.shuffled()))
    #expect(sum(prints) != sum(Array(prints.dropLast())))
    #expect(sum(prints) != sum(prints.dropLast() + [prints[0]]))
    #expect(sum(prints).bytes.count == 16)
  }

  @Test func `the sum carries from its low half into its high half`() {
    var digest = ContentDigest()
    digest.add(DocumentDigest(high: 1, low: .max))
    digest.add(DocumentDigest(high: 2, low: 2))
    #expect(digest.bytes == [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1])
  }
}
