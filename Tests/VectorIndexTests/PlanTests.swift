import Postgres
import Layouts
import OwnSchema
import TestSupport
import Testing

@testable import VectorIndex

struct PlanTests {
  private static func facts(
    rows: Int, dimensions: Int = 2000, version: String = "0.8.5", isPartitioned: Bool = false,
    others: Int = 0
  ) -> TableFacts {
    TableFacts(
      table: VectorTable(name: QualifiedName(schema: "public", "docs"), dimensions: dimensions),
      vectorSchema: "public", vectorVersion: VersionNumber(version), rowCount: .counted(rows),
      isPartitioned: isPartitioned, isOwned: true, otherSessions: others)
  }

  private static let server = ServerResources(
    maintenanceMemory: 64 << 20, cacheSize: 4 << 30, maintenanceWorkers: 2, workerLimit: 8,
    usesSharedMemoryFiles: true, sharedMemory: 8 << 30, disk: 100 << 30, memory: 16 << 30,
    processors: 4)

  private static func plan(
    _ method: IndexMethod = .hnsw, _ request: BuildRequest = BuildRequest(), facts: TableFacts,
    server: ServerResources = server
  ) throws(SchemaError) -> BuildPlan {
    try BuildPlan.make(method, request, facts: facts, resources: server)
  }

  @Test func `memory follows the formula, and the session gets a tenth more`() throws {
    let plan = try Self.plan(facts: Self.facts(rows: 50_000))
    #expect(plan.parameters == .hnsw(links: 24, construction: 200))
    #expect(plan.neededMemory == 50_000 * (4 * 2000 + 32 * 24 + 210))
    #expect(plan.memory == plan.neededMemory + plan.neededMemory / 10)
    #expect(plan.workers == 3)
    #expect(plan.warnings.isEmpty)
  }

  @Test func `wide vectors are indexed in half precision, and take half the memory`() throws {
    let plan = try Self.plan(facts: Self.facts(rows: 50_000, dimensions: 3072))
    #expect(plan.form == .halfPrecision(dimensions: 3072))
    #expect(plan.neededMemory == 50_000 * (2 * 3072 + 32 * 24 + 210))
    #expect(
      plan.statement.text.contains(
        #"(((embedding)::"public"."halfvec"(3072)) "public"."halfvec_cosine_ops")"#))
    let error = #expect(throws: SchemaError.self) {
      _ = try Self.plan(facts: Self.facts(rows: 1, dimensions: 4001))
    }
    #expect(error?.problem.contains("4001 dimensions cannot be indexed") == true)
    #expect(throws: SchemaError.self) {
      _ = try Self.plan(facts: Self.facts(rows: 1, dimensions: 3072, version: "0.6.2"))
    }
  }

  @Test func `too little memory is a warning for HNSW and a refusal for IVFFlat`() throws {
    var request = BuildRequest()
    request.memory = 32 << 20
    let plan = try Self.plan(.hnsw, request, facts: Self.facts(rows: 50_000))
    #expect(plan.memory == 32 << 20)
    #expect(plan.warnings.contains { $0.contains("it will continue slowly") })
    request.lists = 1000
    let error = #expect(throws: SchemaError.self) {
      _ = try Self.plan(.ivfflat, request, facts: Self.facts(rows: 1_000_000, dimensions: 1536))
    }
    #expect(error?.problem.contains("the build would fail") == true)
  }

  @Test func `more lists than rows are warned of`() throws {
    for (lists, isWarned) in [(3000, false), (3001, true)] {
      var request = BuildRequest()
      request.lists = lists
      let plan = try Self.plan(.ivfflat, request, facts: Self.facts(rows: 3000, dimensions: 8))
      #expect(plan.warnings.contains { $0.contains("more lists") } == isWarned)
    }
    #expect(try Self.plan(.ivfflat, facts: Self.facts(rows: 0)).warnings.isEmpty)
  }

  @Test func `a small /dev/shm means one process`() throws {
    var server = Self.server
    server.sharedMemory = 64 << 20
    let plan = try Self.plan(facts: Self.facts(rows: 50_000), server: server)
    #expect(plan.workers == 0)
    #expect(plan.warnings.contains { $0.contains("--shm-size") })
  }

  @Test(arguments: [("0.5.1", 3), ("0.6.0", 0), ("0.8.1", 0), ("0.8.2", 3)])
  func `a pgvector whose parallel builds are unsafe builds with one process`(
    version: String, workers: Int
  ) throws {
    let plan = try Self.plan(facts: Self.facts(rows: 50_000, version: version))
    #expect(plan.workers == workers)
    #expect(plan.warnings.isEmpty == (workers > 0))
  }

  @Test func `a full disk refuses, a nearly full one warns`() throws {
    var server = Self.server
    server.disk = 1 << 30
    let plan = try Self.plan(facts: Self.facts(rows: 40_000), server: server)
    #expect(plan.warnings.contains { $0.contains("nearly full") })
    server.disk = 100 << 20
    #expect(throws: SchemaError.self) {
      _ = try Self.plan(facts: Self.facts(rows: 40_000), server: server)
    }
  }

  @Test func `others in the database make it concurrent; a partitioned table cannot be`() throws {
    #expect(try !Self.plan(facts: Self.facts(rows: 10)).isConcurrent)
    #expect(try Self.plan(facts: Self.facts(rows: 10, others: 1)).isConcurrent)
    #expect(throws: SchemaError.self) {
      _ = try Self.plan(facts: Self.facts(rows: 10, isPartitioned: true, others: 1))
    }
  }

  @Test func `ef_construction is never less than twice m`() throws {
    var request = BuildRequest()
    request.links = 80
    #expect(
      try Self.plan(.hnsw, request, facts: Self.facts(rows: 10)).parameters
        == .hnsw(links: 80, construction: 160))
    request.construction = 100
    #expect(throws: SchemaError.self) {
      _ = try Self.plan(.hnsw, request, facts: Self.facts(rows: 10))
    }
  }

  @Test func `notes are read back as they were written, and strangers' comments are none`() {
    for lasted in [nil, 8000] {
      let note = BuildNote(
        rows: 12_000, seconds: 3.2, moment: "2026-01-02T03:04:05Z", memoryLasted: lasted)
      #expect(BuildNote(comment: note.comment) == note)
    }
    let note = BuildNote(rows: 1, seconds: 0.1, moment: "2026-01-02T03:04:05Z", file: 16_402)
    #expect(BuildNote(comment: note.comment) == note)
    #expect(note.describes(16_402) && !note.describes(16_500))
    #expect(BuildNote(comment: "rows=3") == nil)
    #expect(BuildNote(comment: "vector-ferry: built by hand") == nil)
  }
}
