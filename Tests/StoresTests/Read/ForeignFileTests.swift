import Files
import Stores
import TestSupport
import Testing

/// Tests that a refusal names the kind of a wrong file, and the remedy.
@Suite struct ForeignFileTests {
  private static let kinds: [(head: [UInt8], problem: String, remedy: String)] = [
    ([0x1F, 0x8B, 8, 0], "compressed with gzip", "gunzip"),
    (Array("BZh91AY&SY".utf8), "compressed with bzip2", "bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed with xz", "unxz"),
    ([0x28, 0xB5, 0x2F, 0xFD, 4], "compressed with zstd", "unzstd"),
    (Array("PK".utf8) + [3, 4, 20], "zip archive", "unpack"),
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8),
      "pointer of Git LFS", "git lfs pull"
    ),
  ]

  @Test(arguments: kinds.indices)
  func `compressed files and pointers`(index: Int) throws {
    let (head, problem, remedy) = Self.kinds[index]
    let vectors = try StoreMaker().write(vectors: head, metadata: Array("[]".utf8))
    let metadata = try StoreMaker().write(
      vectors: pickledVectors([[1]]), metadata: head)
    for (maker, file) in [(vectors, "vectors.pkl"), (metadata, "metadata.json")] {
      let refusal = try #require(try maker.refusal())
      #expect(refusal.file.hasSuffix(file) && refusal.problem.contains(problem), "\(refusal)")
      #expect(refusal.remedy.contains(remedy), "\(refusal)")
      let peek = StorePeek(try maker.found())
      #expect(peek.problem?.contains(problem) == true, "\(peek)")
    }
  }

  @Test(arguments: [
    [0xFF, 0xFE, 0x5B, 0], [0xFE, 0xFF, 0, 0x5B], [0x5B, 0, 0x5D, 0], [0, 0x5B, 0, 0x5D],
    [0xFF, 0xFE, 0, 0, 0x5B, 0, 0, 0], [0, 0, 0, 0x5B],
  ])
  func `wide characters have a place and a reason`(bytes: [UInt8]) throws {
    let maker = try StoreMaker().write(vectors: pickledVectors([[1]]), metadata: bytes)
    let refusal = try #require(try maker.refusal())
    #expect(refusal.kind == .metadata, "\(refusal)")
    #expect(refusal.place == "line 1, column 1 (byte 0)", "\(refusal)")
    #expect(refusal.problem.contains("UTF-16 or UTF-32; convert it to UTF-8"), "\(refusal)")
    #expect(StorePeek(try maker.found()).problem?.contains("UTF-16") == true)
  }

  @Test func `a key that stands twice is named by its place, not by its text`() throws {
    let cases = [
      (#"[{"text": "t", "a\ud800": 1, "a\ud800": 2}]"#, "entry 0, line 1, column 30 (byte 29)"),
      (#"[{"é": 1, "\u00e9": 2}]"#, "entry 0, line 1, column 12 (byte 11)"),
    ]
    for (json, place) in cases {
      let refusal = try #require(
        try StoreMaker().write(rows: [[1]], json: json).refusal(ReadOptions(escapeNUL: true)))
      #expect(refusal.problem.contains("the key here occurs twice"), "\(refusal)")
      #expect(refusal.place == place, "\(refusal)")
      #expect(!"\(refusal)".contains("ud800") && !"\(refusal)".contains("é"), "\(refusal)")
    }
  }
}
