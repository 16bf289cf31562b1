internal import Ledger
internal import Bounds
internal import Postgres
internal import Layouts
internal import OwnSchema
internal import Schema

extension ServerExamination {
  /// Reports the triggers and rules of the application that fire for the table of documents.
  func triggers() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    let found = try table.triggers(on: connection)
    guard !found.isEmpty else { return [Finding("triggers", .fine, "none of the application's")] }
    let isCounted: Bool? = try connection.scalar("SELECT current_setting('track_counts') = 'on'")
    let counters = Finding(
      "triggers", .warning,
      "track_counts is off: rows of other users, collections and tables that a trigger of "
        + "\(table.name) deletes are not noticed, and the whole table is read to find what the "
        + "trigger adds or changes",
      remedy: "ALTER DATABASE \(Identifier(try facts().database).quoted) SET track_counts = on, or "
        + "in postgresql.conf")
    return (isCounted == true ? [] : [counters]) + [
      Finding(
        "triggers", .fine,
        "triggers or rules of the application fire when rows of \(table.name) are written: "
          + found.joined(separator: ", ")
          + "; the migration of a store stops if these triggers change, add or delete rows of "
          + "other stores, or delete rows of other tables"
      )
    ]
  }

  /// Reports objects that a run would write to or call, but that belong to a role which is not
  /// trusted.
  func owners() throws -> [Finding] {
    let table = try fitTable()
    var found = try VectorTable.foreignFunctions(name(), table, on: connection)
    if let refusal = try FerrySchema.foreignOwnership(of: table?.catalogueName, on: connection) {
      found.insert(refusal, at: 0)
    }
    guard !found.isEmpty else {
      return [
        Finding(
          "owners", .fine, "the objects that a run writes to or calls belong to trusted roles")
      ]
    }
    return found.map { Finding("owners", .problem, $0.problem, remedy: $0.remedy) }
  }

  /// Reports the event triggers that fire when a run creates tables or other objects.
  func eventTriggers() throws -> [Finding] {
    let found = try EventTrigger.enabled(on: connection)
    guard !found.isEmpty else { return [Finding("event-triggers", .fine, "none")] }
    let all =
      "event triggers fire for objects that a run creates: "
      + found.map(\.words).joined(separator: ", ")
    let open = found.filter { !$0.setsPath }.map(\.function)
    guard !open.isEmpty else { return [Finding("event-triggers", .fine, all)] }
    return [
      Finding(
        "event-triggers", .warning,
        "\(all); event triggers run with a search path of pg_catalog only, and these functions "
          + "set no search path: \(open.joined(separator: ", "))",
        remedy: EventTrigger.remedy)
    ]
  }

  /// Reports the tables whose foreign keys delete or change their own rows when documents are
  /// deleted or changed.
  func references() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    let found = try References(to: table, on: connection).tables()
    guard !found.isEmpty else {
      return [
        Finding(
          "references", .fine, "no table loses rows when documents are deleted from \(table.name)")
      ]
    }
    let isCounted: Bool? = try connection.scalar("SELECT current_setting('track_counts') = 'on'")
    let counters = Finding(
      "references", .warning,
      "track_counts is off: rows of other tables that would be deleted with documents of "
        + "\(table.name) cannot be counted, and a store or rollback that deletes documents stops",
      remedy: "ALTER DATABASE \(Identifier(try facts().database).quoted) SET track_counts = on, or "
        + "in postgresql.conf")
    return (isCounted == true ? [] : [counters]) + [
      Finding(
        "references", .fine,
        "when documents of \(table.name) are deleted, rows of these tables are deleted or changed with them: "
          + found.map(\.description).joined(separator: ", ")
          + "; a run that would delete or change these rows stops until --allow-loss names the "
          + "table"
      )
    ]
  }

  /// Reports settings of the server because of which committed data may not survive a crash.
  func durability() throws -> [Finding] {
    var findings: [Finding] = []
    if connection.openedWith("synchronous_commit") == "off" {
      findings.append(
        Finding(
          "durability", .warning,
          "synchronous_commit is off: this program switches the setting on for its own writes; "
            + "data that others commit may be lost when the server crashes",
          remedy: "ALTER DATABASE \(Identifier(try facts().database).quoted) SET "
            + "synchronous_commit = on (ALTER ROLE, where the setting is the role's)"))
    }
    let rows = try connection.query(
      """
      SELECT name::text FROM pg_settings
      WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name
      """)
    for row in 0..<rows.rowCount {
      let name: String = try rows.value(row, 0)
      findings.append(
        Finding(
          "durability", .warning,
          "\(name) is off: committed data may be lost or damaged when the server's machine stops",
          remedy: "set \(name) = on in postgresql.conf"))
    }
    findings += try FerrySchema.persistenceObstacle(on: connection).map {
      Finding("durability", .warning, $0.problem, remedy: $0.remedy)
    }
    return findings.isEmpty
      ? [Finding("durability", .fine, "commits survive a crash")] : findings
  }

  /// Reports INVALID indexes, which a failed CREATE INDEX CONCURRENTLY has left behind.
  func indexes() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    let invalid = InvalidIndexes(of: table.catalogueName, on: connection)
    let found = try invalid.found()
    guard !found.isEmpty else { return [Finding("indexes", .fine, "all are valid")] }
    if let builder = try invalid.builder() {
      return [
        Finding(
          "indexes", .warning, "process \(builder) is building an index of \(table.name)")
      ]
    }
    return found.map { index in
      Finding(
        "indexes", .problem,
        "index \(index.name) is INVALID: every write updates it, and no search uses it",
        remedy: "vector-ferry index repair, or DROP INDEX CONCURRENTLY \(index.name)",
        // Rows can still be written, and the run's own index build removes what is left.
        stopsRuns: false)
    }
  }

  /// Reports a table of documents that was never analysed, so that PostgreSQL can only guess its
  /// size.
  func statistics() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    let isUnknown: Bool? = try connection.scalar(
      """
      SELECT n_live_tup > 1000 AND last_analyze IS NULL AND last_autoanalyze IS NULL
      FROM pg_stat_user_tables WHERE relid = to_regclass(\(table.catalogueName))
      """)
    guard isUnknown == true else { return [] }
    return [
      Finding(
        "statistics", .warning, "\(table.name) has never been analysed",
        remedy: "ANALYZE \(table.name.quoted)")
    ]
  }

  /// Reports the server's free space, as far as the server runs on this machine and its folder is
  /// known.
  func serverSpace() throws -> [Finding] {
    let size: Int? = try connection.scalar("SELECT pg_database_size(current_database())")
    let taken =
      size.map { "the database takes \(FreeSpace.shown($0))" } ?? "the database's size is unknown"
    switch try ServerRoomCheck(connection: connection, table: try fitTable()).view() {
    case .elsewhere:
      return [
        Finding(
          "server-space", .unknown, "\(taken); free space at the server is not visible from here",
          remedy: "check that there is room for \(FreeSpace.shown(bytes)) more (df on the server)")
      ]
    case .denied:
      let role = try facts().role
      return [
        .notLookedAt(
          "server-space", "role \(role) may not read where the server's data are stored",
          remedy: Self.settings(role))
      ]
    case .seen(let space, let folder):
      let text = "\(FreeSpace.shown(space.bytes)) free at the server (\(folder)), \(taken)"
      let level: Finding.Level =
        space.bytes < bytes
        ? .problem : space.bytes < bytes.multipliedSaturated(by: 2) ? .warning : .fine
      return [
        Finding(
          "server-space", level, text,
          remedy: level == .fine
            ? nil : "make room for \(FreeSpace.shown(bytes)) of stores and their indexes")
      ]
    }
  }

  /// Reports where /dev/shm has too little space for parallel index builds.
  ///
  /// Such builds keep `maintenance_work_mem` there, and in containers it usually has only 64 MB.
  func sharedMemory() throws -> [Finding] {
    let rows = try connection.query(
      """
      SELECT pg_size_bytes(current_setting('maintenance_work_mem')),
             current_setting('max_parallel_maintenance_workers')::int8,
             current_setting('dynamic_shared_memory_type')
      """)
    let memory: Int = try rows.value(0, 0)
    let workers: Int = try rows.value(0, 1)
    guard workers > 0, try rows.value(0, 2, as: String.self) == "posix" else {
      return [Finding("shared-memory", .fine, "index builds do not depend on /dev/shm")]
    }
    guard try ServerFacts.isLocal(connection), let space = FreeSpace(at: "/dev/shm") else {
      return [
        Finding(
          "shared-memory", .unknown,
          "parallel index builds need \(FreeSpace.shown(memory)) in the server's /dev/shm",
          remedy: "if the server runs in a container, give the container more shared memory than "
            + "the usual 64 MB (--shm-size)")
      ]
    }
    guard space.bytes < memory else {
      return [
        Finding(
          "shared-memory", .fine,
          "/dev/shm has \(FreeSpace.shown(space.bytes)), maintenance_work_mem is "
            + FreeSpace.shown(memory))
      ]
    }
    return [
      Finding(
        "shared-memory", .warning,
        "/dev/shm has \(FreeSpace.shown(space.bytes)) and a parallel index build asks for "
          + FreeSpace.shown(memory),
        remedy: "lower maintenance_work_mem, set max_parallel_maintenance_workers = 0, or give the "
          + "container more shared memory (--shm-size)")
    ]
  }
}
