@testable import Ledger
import Stores
import Testing
import VectorMath

@testable import Migration

@Suite struct ReductionTests {
  @Test(arguments: [
    (3072, 3072, Reduction.none), (768, 2000, .extend(from: 768, to: 2000)),
    (3072, 2000, .project(.uncentered, from: 3072, to: 2000)),
  ])
  func `vectors get the table's dimension`(source: Int, target: Int, way: Reduction) {
    #expect(ReductionOptions().reduction(from: source, to: target) == way)
  }

  @Test func `nothing is ever cut unless it was asked for`() {
    var options = ReductionOptions()
    options.method = .none
    #expect(options.reduction(from: 3072, to: 2000) == nil)
    options.method = .truncate
    #expect(
      options.reduction(from: 3072, to: 2000) == .project(.truncated, from: 3072, to: 2000))
    options.method = .pca
    options.isCentered = true
    #expect(options.reduction(from: 3072, to: 2000) == .project(.centered, from: 3072, to: 2000))
  }

  @Test func `zeros follow the values of shorter vectors`() throws {
    var reducer = Reducer(.extend(from: 2, to: 5))
    let rows = try reducer.withReduced([1, 2, 3, 4], count: 2) { Array($0) }
    #expect(rows == [1, 2, 0, 0, 0, 3, 4, 0, 0, 0])
    let fewer = try reducer.withReduced([5, 6], count: 1) { Array($0) }
    #expect(fewer == [5, 6, 0, 0, 0])
  }

  @Test func `a model that loses too much is refused with the figure`() throws {
    let projection = try Projection.truncation(from: 4, to: 2)
    let model = FittedModel(
      projection: projection,
      fidelity: Fidelity(recall: 0.8666, neighbours: 10, largestScoreChange: 0.2, queries: 9))
    #expect(throws: Never.self) { try model.check(minimumRecall: 0.85) }
    let failure = #expect(throws: Failure.self) { try model.check(minimumRecall: 0.95) }
    #expect(failure?.reason.contains("0.867") == true)
    #expect(failure?.remedy?.contains("--min-recall") == true)
  }

  @Test(arguments: [
    (".", ".~"), ("..", "..~"), ("manifest.json", "manifest.json~"), ("a b", "a b"),
  ])
  func `no store's name leads out of its backup`(name: String, folder: String) {
    #expect(BackupManifest.Folders(of: StoreName(user: name, collection: name)).user == folder)
  }

  @Test func `a model's file name fits every file system`() {
    let long = String(repeating: "é", count: 127)
    let name = FittedModel.fileName(of: StoreName(user: long, collection: long))
    #expect(name.utf8.count <= 255)
    #expect(name.hasPrefix("pca_model_") && name.hasSuffix(".npz"))
    #expect(
      FittedModel.fileName(of: StoreName(user: "u", collection: "c")) == "pca_model_c_u.npz")
  }
}

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
