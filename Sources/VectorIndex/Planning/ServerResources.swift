internal import Bounds
internal import Glibc
package import Postgres
internal import OwnSchema

/// The memory, disk space and processors of a server, as far as this program can see them.
package struct ServerResources: Sendable, Equatable {
  /// The value of `maintenance_work_mem`, in bytes.
  package var maintenanceMemory: Int
  /// The value of `effective_cache_size`, in bytes: the memory that the server's operator expects
  /// to hold data.
  package var cacheSize: Int
  /// The value of `max_parallel_maintenance_workers`.
  package var maintenanceWorkers: Int
  /// The smaller value of `max_parallel_workers` and `max_worker_processes`.
  package var workerLimit: Int
  /// True where the server keeps memory that processes share in /dev/shm.
  package var usesSharedMemoryFiles: Bool
  /// The number of free bytes in /dev/shm; nil for a remote server.
  package var sharedMemory: Int?
  /// The number of free bytes on the disk of a new index; nil where it cannot be seen from here.
  package var disk: Int?
  /// The tablespace of a new index, which may be another one than that of the table.
  package var tablespace = "pg_default"
  /// The number of bytes of memory that are available without swapping; nil for a remote server.
  package var memory: Int?
  /// The number of processors; nil for a remote server.
  package var processors: Int?

  /// Reads the resources from the server's settings and, where the server runs on this machine,
  /// from the machine.
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

  /// Returns the folder of a tablespace, or the data directory where no tablespace is given; nil
  /// where the folder is not known.
  private static func folder(data: String?, tablespace: String?) -> String? {
    guard let tablespace else { return data }
    return tablespace.hasPrefix("/") ? tablespace : data.map { "\($0)/\(tablespace)" }
  }

  /// Reads the available memory in bytes from /proc/meminfo; nil where that is not possible.
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
