internal import Bounds
internal import Glibc
package import Postgres
internal import OwnSchema

/// The resources of a server for building indexes, as far as they can be seen from here.
package struct ServerResources: Sendable, Equatable {
  /// `maintenance_work_mem`, in bytes.
  package var maintenanceMemory: Int
  /// The server's `effective_cache_size`, in bytes: the memory for data according to its operator.
  package var cacheSize: Int
  /// `max_parallel_maintenance_workers`.
  package var maintenanceWorkers: Int
  /// The smaller of `max_parallel_workers` and `max_worker_processes`.
  package var workerLimit: Int
  /// True where memory shared between processes is kept in /dev/shm.
  package var usesSharedMemoryFiles: Bool
  /// How many bytes are free in /dev/shm; nil for a remote server.
  package var sharedMemory: Int?
  /// How many bytes are free on the disk of a new index; nil where that cannot be seen.
  package var disk: Int?
  /// The tablespace of a new index, which can differ from the table's own.
  package var tablespace = "pg_default"
  /// How much memory the machine can give without swapping; nil for a remote server.
  package var memory: Int?
  /// How many processors the machine has; nil for a remote server.
  package var processors: Int?

  /// Reads the resources from the server, and from this machine where the server runs on it.
  package static func read(_ connection: Connection) throws -> ServerResources {
    let row = try connection.query(BuildingQueries.resources)
    let isLocal = try ServerFacts.isLocal(connection)
    let directory = folder(data: try row.optional(0, 5), tablespace: try row.optional(0, 7))
    return ServerResources(
      maintenanceMemory: try row.value(0, 0), cacheSize: try row.value(0, 1),
      maintenanceWorkers: try row.value(0, 2), workerLimit: try row.value(0, 3),
      usesSharedMemoryFiles: try row.value(0, 4),
      sharedMemory: isLocal ? FreeSpace(at: "/dev/shm")?.bytes : nil,
      disk: isLocal ? directory.flatMap { FreeSpace(at: $0)?.bytes } : nil,
      tablespace: try row.value(0, 6),
      memory: isLocal ? availableMemory() : nil,
      processors: isLocal ? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : nil)
  }

  /// Finds the folder of a tablespace: the data directory where it has no folder of its own; nil
  /// where the folder is not known.
  private static func folder(data: String?, tablespace: String?) -> String? {
    guard let tablespace else { return data }
    return tablespace.hasPrefix("/") ? tablespace : data.map { "\($0)/\(tablespace)" }
  }

  /// Reads `MemAvailable` from /proc/meminfo, in bytes; nil where that is not possible.
  private static func availableMemory() -> Int? {
    guard let file = fopen("/proc/meminfo", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = text.split(whereSeparator: \.isWhitespace)
      if words.first == "MemAvailable:", words.count > 1 {
        return Int(words[1])?.multipliedSaturated(by: 1024)
      }
    }
    return nil
  }
}
