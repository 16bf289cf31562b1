internal import SQLite

/// The schema of the journal's file, and its version.
enum JournalSchema {
  /// The version of the schema that this program writes.
  static let version = 3
  /// The number that marks the file as a journal: the letters "VFJL" in SQLite's application id.
  private static let application = 0x5646_4A4C

  /// Creates the schema in a new or empty file; refuses a file of another program or a later
  /// version.
  static func prepare(_ database: Database, path: String) throws {
    try database.execute("PRAGMA foreign_keys = ON")
    guard try !isPresent(in: database, path: path) else {
      try database.useWriteAheadLog()
      return try upgrade(database)
    }
    try database.useWriteAheadLog()
    try database.withTransaction(.immediate) {
      // Another process may have created the schema first.
      guard try !isInForm(database, path: path) else { return }
      for table in JournalFiles.tables { try database.execute(table.text) }
      try database.setApplicationID(Int32(application))
      try database.setUserVersion(Int32(version))
    }
  }

  /// Upgrades a file of an earlier version; facts that runs of that version did not record stay
  /// unknown.
  private static func upgrade(_ database: Database) throws {
    guard try database.userVersion() < version else { return }
    try database.withTransaction(.immediate) {
      // Another process may have upgraded the file first.
      let found = try database.userVersion()
      guard found < version else { return }
      if found < 2 {
        for column in addedColumns {
          try database.execute("ALTER TABLE runs ADD COLUMN \(column) TEXT")
        }
      }
      for table in JournalFiles.tables where addedTables.contains(table.name) {
        try database.execute(table.text)
      }
      try database.setUserVersion(Int32(version))
    }
  }

  /// The columns that version 2 added to the table of runs: the database, the table, and the run
  /// that a rollback undoes.
  private static let addedColumns = ["identity", "table_name", "takes_back"]

  /// The files of the tables that version 3 added: what runs have measured.
  private static let addedTables = ["figures.sql", "results.sql"]

  /// Returns true where the file has the tables that version 3 added.
  static func holdsFigures(_ database: Database) throws -> Bool { try database.userVersion() >= 3 }

  /// Defines a view through which journals of every version can be read in the same way, even
  /// read-only ones.
  static func defineView(in database: Database) throws {
    let isOld = try database.userVersion() < 2
    let added = addedColumns.map { isOld ? "NULL AS \($0)" : $0 }.joined(separator: ", ")
    try database.execute(RunJournalQueries.knownRuns(added: added))
  }

  /// Returns true where the file has the schema, and false where the file is empty; throws for any
  /// other file.
  static func isPresent(in database: Database, path: String) throws -> Bool {
    // One snapshot of the file: between two snapshots, another process may have created the schema.
    try database.withTransaction(.deferred) { try isInForm(database, path: path) }
  }

  private static func isInForm(_ database: Database, path: String) throws -> Bool {
    let (application, found) = (try database.applicationID(), try database.userVersion())
    let objects = try database.value("SELECT count(*) FROM sqlite_schema")
    if application == 0, found == 0, objects == .integer(0) { return false }
    guard application == self.application else { throw JournalError.foreign(path: path) }
    guard found <= version else {
      throw JournalError.newer(path: path, found: found, known: version)
    }
    return true
  }
}
