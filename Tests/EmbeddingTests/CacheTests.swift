import Foundation
import SQLite
import TestSupport
import Testing

@testable import Embedding

/// Tests the file of embeddings that were paid for.
struct CacheTests {
  private func settings(model: String = "m", host: String = "h") throws -> EmbeddingSettings {
    try EmbeddingSettings(
      .init(provider: .ollama, model: model), environment: ["OLLAMA_HOST": host])
  }

  @Test func `a vector comes back bit for bit, also in another process's session`() throws {
    let folder = try TemporaryDirectory("cache")
    let key = try EmbeddingKey("text", settings().origin)
    let vector: [Float] = [0.1, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0]
    try EmbeddingCache(directory: folder.file("new")).keep([(key, vector)]) {}
    let found = try EmbeddingCache(directory: folder.file("new")).vector(key)
    #expect(found?.map(\.bitPattern) == vector.map(\.bitPattern))
    for path in ["new", "new/embeddings.sqlite", "new/embeddings.sqlite-wal"] {
      let mode =
        try? FileManager.default.attributesOfItem(atPath: folder.file(path))[
          .posixPermissions] as? Int
      #expect(mode == nil || mode == (path == "new" ? 0o700 : 0o600), "\(path)")
    }
  }

  @Test func `whatever decides about an embedding is part of its key`() throws {
    let keys = try [
      EmbeddingKey("text", settings().origin), EmbeddingKey("text ", settings().origin),
      EmbeddingKey("text", settings(model: "n").origin),
      EmbeddingKey("text", settings(host: "g").origin),
      EmbeddingKey(
        "text",
        EmbeddingSettings(
          .init(provider: .ollama, model: "m", dimensions: 8), environment: ["OLLAMA_HOST": "h"]
        ).origin),
      EmbeddingKey(
        "text",
        EmbeddingSettings(
          .init(provider: .openAI, model: "m"), environment: ["OPENAI_BASE_URL": "http://h:11434"]
        ).origin),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(try EmbeddingKey("text", settings().origin) == keys[0])
  }

  @Test func `a damaged vector is not given out, and goes`() throws {
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let key = try EmbeddingKey("text", settings().origin)
    for damage in [
      "UPDATE embeddings SET vector = zeroblob(8)", "UPDATE embeddings SET checksum = NULL || 1",
      "UPDATE embeddings SET vector = x'0102'", "UPDATE embeddings SET vector = ''",
    ] {
      try cache.keep([(key, [1, 2])]) {}
      let database = try Database(path: cache.path, mode: .readWrite)
      do { try database.execute(damage) } catch { continue }
      #expect(try cache.vector(key) == nil, "\(damage)")
      #expect(try database.value("SELECT count(*) FROM embeddings") == .integer(0), "\(damage)")
    }
  }

  @Test func `files that are no cache are refused, and stay as they are`() throws {
    let folder = try TemporaryDirectory("cache")
    try folder.write(
      "no database at all, but long enough to be looked at", to: "a/embeddings.sqlite")
    let other = try Database(path: try folder.write("", to: "b/embeddings.sqlite"), mode: .create)
    try other.execute("CREATE TABLE t (x)")
    try folder.write("", to: "c")
    for name in ["a", "b", "c"] {
      let error = #expect(throws: EmbeddingError.self) {
        try EmbeddingCache(directory: folder.file(name))
      }
      #expect(error?.kind == .cache && error?.remedy != nil, "\(name)")
    }
    #expect(try other.value("SELECT count(*) FROM sqlite_schema") == .integer(1))
  }

  @Test func `money set aside counts until it is settled or given back`() throws {
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    let price = EmbeddingPrice(perMillionTokens: 1, daily: CostLimit(dollars: 1, name: "LIMIT"))
    let mark = try cache.mark()
    let first = try cache.reserve(0.6, within: price, since: mark)
    // This stands for another process at the same time.
    let second = try EmbeddingCache(directory: folder.path)
    let error = #expect(throws: EmbeddingError.self) {
      try second.reserve(0.6, within: price, since: mark)
    }
    #expect(error?.kind == .budget && error?.problem.contains("$0.60") == true)
    try cache.keep([]) { try cache.settle(first, tokens: 10, cost: 0.1) }
    let other = try second.reserve(0.6, within: price, since: mark)
    #expect(abs(try cache.spentToday() - 0.7) < 1e-9)
    try second.release(other)
    #expect(abs(try cache.spentToday() - 0.1) < 1e-9)
    try Database(path: cache.path, mode: .readWrite).execute(
      "UPDATE spending SET day = date('now', '-1 day')")
    #expect(try cache.spentToday() == 0)
  }
}
