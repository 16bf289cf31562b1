import Testing

@testable import VectorIndex

struct ParameterTests {
  @Test(arguments: [
    (1, 16, 64), (9999, 16, 64), (10_000, 24, 200), (100_000, 24, 200), (100_001, 32, 200),
  ])
  func `HNSW gets its parameters by size`(rows: Int, links: Int, construction: Int) {
    #expect(
      IndexParameters.fitting(.hnsw, rows: rows)
        == .hnsw(links: links, construction: construction))
  }

  @Test(arguments: [
    (4, 64, 24, 128), (16, 64, 24, 128), (24, 200, 36, 400), (32, 200, 48, 400),
    (90, 600, 100, 1000),
  ])
  func `a denser graph has half as many links again`(
    links: Int, construction: Int, more: Int, moreConstruction: Int
  ) {
    #expect(
      IndexParameters.hnsw(links: links, construction: construction).denser
        == .hnsw(links: more, construction: moreConstruction))
  }

  @Test func `there is nothing above the densest graph, nor above all lists`() {
    #expect(IndexParameters.hnsw(links: 100, construction: 1000).denser == nil)
    #expect(IndexParameters.ivfflat(lists: 7).denser == nil)
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
