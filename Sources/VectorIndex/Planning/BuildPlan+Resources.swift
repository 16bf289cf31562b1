internal import OwnSchema

extension BuildPlan {
  /// Chooses the number of parallel workers: none for a small table, otherwise one for each
  /// processor but one, at most eight.
  static func workers(
    _ request: BuildRequest, _ facts: TableFacts, _ resources: ServerResources,
    _ method: IndexMethod, warnings: inout [String]
  ) -> Int {
    if let asked = request.workers { return min(asked, resources.workerLimit) }
    guard facts.rows >= smallestParallelTable, !facts.isPartitioned else { return 0 }
    if method == .hnsw, let fault = parallelFault(facts.vectorVersion) {
      warnings.append(fault)
      return 0
    }
    let wanted = resources.processors.map { $0 - 1 } ?? resources.maintenanceWorkers
    return max(0, min(wanted, resources.workerLimit, 8))
  }

  /// The number of rows below which starting a worker takes more time than it saves.
  private static let smallestParallelTable = 5000

  private static func parallelFault(_ version: VersionNumber) -> String? {
    if version < VersionNumber("0.6.0") { return nil }
    guard version < VersionNumber("0.8.2") else { return nil }
    return "the index is built with one process: a parallel HNSW build by pgvector \(version) may "
      + "read or write memory that is not its own (CVE-2026-3172); update pgvector to 0.8.2 or later"
  }

  /// Decides how much memory the build gets, and how many workers it uses: no workers where
  /// /dev/shm has too little space for them.
  static func grant(
    _ needed: Int, _ request: BuildRequest, _ resources: ServerResources,
    parameters: IndexParameters, workers: Int, warnings: inout [String]
  ) throws(SchemaError) -> (memory: Int, workers: Int) {
    var workers = workers
    // PostgreSQL uses a worker only where each process has 32 MB.
    let wanted = max(needed + needed / 10, (workers + 1) * 32 << 20, resources.maintenanceMemory)
    let limit = request.memory ?? max(usable(resources), resources.maintenanceMemory)
    let memory = request.memory ?? min(wanted, limit)
    if workers > 0, parameters.method == .hnsw, resources.usesSharedMemoryFiles {
      let room = resources.sharedMemory
      if let room, memory + memory / 10 > room {
        warnings.append(
          "the index is built with one process: /dev/shm has \(FreeSpace.shown(room)), parallel "
            + "processes would keep \(FreeSpace.shown(memory)) there (in a container: --shm-size)")
        workers = 0
      } else if room == nil, memory > resources.maintenanceMemory {
        warnings.append(
          "parallel processes keep \(FreeSpace.shown(memory)) in the server's /dev/shm, which is "
            + "not visible from here; a build with --workers 0 needs no /dev/shm")
      }
    }
    try check(memory, against: needed, parameters, warnings: &warnings)
    return (memory, workers)
  }

  /// Returns the number of bytes that a build may use.
  ///
  /// On this machine, half of the memory that is available; on a remote server, a quarter of
  /// `effective_cache_size`.
  private static func usable(_ resources: ServerResources) -> Int {
    resources.memory.map { $0 / 2 } ?? resources.cacheSize / 4
  }

  private static func check(
    _ memory: Int, against needed: Int, _ parameters: IndexParameters, warnings: inout [String]
  ) throws(SchemaError) {
    guard memory < needed else { return }
    switch parameters {
    case .hnsw:
      warnings.append(
        "the build needs \(FreeSpace.shown(needed)) to be quick and has "
          + "\(FreeSpace.shown(memory)): it will continue slowly when this memory is full")
    case .ivfflat(let lists):
      throw SchemaError(
        "\(lists) lists need \(FreeSpace.shown(needed)) of memory, but only "
          + "\(FreeSpace.shown(memory)) are available: the build would fail",
        remedy: "name fewer lists with --lists, or allow more memory with --memory")
    }
  }
}
