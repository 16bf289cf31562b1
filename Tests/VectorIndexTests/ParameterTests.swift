import Testing

@testable import VectorIndex

struct ParameterTests {
  @Test(arguments: [
    (1, 16, 64), (9999, 16, 64), (10_000, 24, 96), (100_000, 24, 96), (100_001, 32, 128),
  ])
  func `HNSW gets its parameters by size`(rows: Int, links: Int, construction: Int) {
    #expect(
      IndexParameters.fitting(.hnsw, rows: rows)
        == .hnsw(links: links, construction: construction))
  }

  @Test(arguments: [
    (0, 1), (1000, 1), (20_000, 20), (1_000_000, 1000), (4_000_000, 2000),
    (2_000_000_000, 32_768),
  ])
  func `IVFFlat gets a list for every thousand rows, above a million their root`(
    rows: Int, lists: Int
  ) {
    #expect(IndexParameters.fitting(.ivfflat, rows: rows) == .ivfflat(lists: lists))
  }
}
