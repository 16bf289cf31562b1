package import Files
package import SQLite

/// A copy of another program's SQLite file, opened for reading.
///
/// The file itself is never opened by SQLite: a program that was killed has left a journal, and
/// reading such a file means writing to it. So the file is copied with its journal, and the copy
/// is opened. The copy's names are removed as soon as it is open, so that nothing stays behind.
package final class SQLiteCopy {
  /// The connection to the copy.
  package let database: Database
  /// The original's path, as it is shown to the operator.
  package let path: String
  private let files: [InputFile]

  /// The endings of the files that belong to a database, with their own names.
  package static let sideEndings = ["-journal", "-wal"]

  /// Copies and opens a file in a folder; refuses a file that is no SQLite database, that is
  /// damaged, or that changes while it is copied.
  package init(of name: String, in folder: Directory) throws(FileError) {
    let main = try folder.openFile(named: name)
    path = main.path
    try Self.checkBeginning(main)
    let sides = try Self.sides(of: name, in: folder)
    if sides.isEmpty { try Self.checkLength(main) }
    var files = [main]
    var scratch = try ScratchFolder()
    try scratch.copy(main, as: "copy")
    for ending in sides {
      let file = try folder.openFile(named: name + ending)
      try scratch.copy(file, as: "copy" + ending)
      files.append(file)
    }
    for file in files { try file.checkUnchanged() }
    guard try Self.sides(of: name, in: folder) == sides else { throw Self.changed(path) }
    self.files = files
    do throws(DatabaseError) {
      database = try Self.opened("\(scratch.path)/copy", size: main.facts.size)
    } catch {
      throw Self.refusal(error, path)
    }
    scratch.remove()
  }

  /// Refuses where the file or its journal has changed since it was copied.
  package func checkUnchanged() throws(FileError) {
    for file in files { try file.checkUnchanged() }
  }

  /// Runs a body that reads the copy, and turns SQLite's errors into refusals.
  package func reading<Result: ~Copyable>(_ body: (Database) throws -> Result) throws(FileError)
    -> Result
  {
    do {
      return try body(database)
    } catch let error as FileError {
      throw error
    } catch let error as DatabaseError {
      throw Self.refusal(error, path)
    } catch {
      throw FileError(.file, file: path, problem: "\(error)", remedy: "")
    }
  }

  private static func opened(_ path: String, size: Int64) throws(DatabaseError) -> Database {
    let database = try Database(path: path, mode: .readWrite, busyTimeout: 0)
    // In WAL mode this brings the log's pages into the file; the log cannot stay without a name.
    try database.execute("PRAGMA journal_mode = DELETE")
    // A value cannot be longer than the file that holds it.
    try database.distrust(longestValue: max(1 << 20, Int(clamping: size)))
    return database
  }

  private static func sides(of name: String, in folder: Directory) throws(FileError) -> [String] {
    var found: [String] = []
    for ending in sideEndings where try folder.facts(named: name + ending) != nil {
      found.append(ending)
    }
    return found
  }

  private static func checkBeginning(_ file: InputFile) throws(FileError) {
    guard try file.bytes(at: 0, count: 16) == Array("SQLite format 3\0".utf8) else {
      throw FileError(
        .rows, file: file.path, place: "byte 0", problem: "this is not an SQLite database",
        remedy: "restore the file from a copy, or move it away")
    }
  }

  /// Refuses a file that is shorter than its header says; with a journal, the header may be newer or
  /// older than the file.
  ///
  /// SQLite itself reads such a file where the missing end holds nothing that is asked for.
  private static func checkLength(_ file: InputFile) throws(FileError) {
    let head = try file.bytes(at: 0, count: 100) ?? []
    func number(_ offset: Int, _ count: Int) -> Int64 {
      head.dropFirst(offset).prefix(count).reduce(0) { $0 << 8 | Int64($1) }
    }
    let pageSize = number(16, 2) == 1 ? 65_536 : number(16, 2)
    // The number of pages is valid where the two change counters are equal.
    let pages = number(24, 4) == number(92, 4) ? number(28, 4) : 1
    guard head.count == 100, file.facts.size >= pageSize * pages else {
      throw FileError(
        .rows, file: file.path,
        problem: "it ends early: it has \(file.facts.size) bytes, its header says "
          + "\(pageSize * pages)",
        remedy: "restore the file from a copy")
    }
  }

  private static func changed(_ path: String) -> FileError {
    FileError(
      .changed, file: path, problem: "another program wrote to it while it was copied",
      remedy: "stop the application that writes the file, then run again")
  }

  /// Turns an error of SQLite into the refusal of the original file.
  private static func refusal(_ error: DatabaseError, _ path: String) -> FileError {
    FileError(
      .rows, file: path, problem: "SQLite cannot read it: \(error.message)",
      remedy: error.isCorrupt
        ? "restore the file from a copy, or repair it with: sqlite3 FILE .recover"
        : "check that the library that wrote the file can read it")
  }
}

extension InputFile {
  /// Reads exactly this many bytes; nil where the file ends earlier.
  package func bytes(at offset: Int64, count: Int) throws(FileError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: FileError?
    let done = bytes.withUnsafeMutableBytes { buffer in
      do throws(FileError) {
        return try read(into: buffer, at: offset)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return done == count ? bytes : nil
  }
}
