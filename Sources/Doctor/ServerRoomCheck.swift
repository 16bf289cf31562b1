internal import Ledger
package import Postgres
package import Layouts
internal import OwnSchema

/// Checks the free space on the server's disk, where the server runs on this machine and reports
/// its folder.
package struct ServerRoomCheck {
  let connection: Connection
  /// The table of documents, whose rows need the space; nil where the table does not exist yet.
  let table: VectorTable?

  package init(connection: Connection, table: VectorTable?) {
    self.connection = connection
    self.table = table
  }

  /// The result of looking at the server's disk from this machine.
  enum View {
    /// The free space of the disk that contains this folder.
    case seen(FreeSpace, folder: String)
    /// The role may not read in which folder the server keeps its data.
    case denied
    /// The server runs elsewhere, or its disks cannot be seen from here.
    case elsewhere
  }

  /// Returns the free space of the disk that will contain the rows.
  func view() throws -> View {
    guard try ServerFacts.isLocal(connection) else { return .elsewhere }
    let row = try connection.query(ExaminationQueries.folders(table: table?.catalogueName))
    let data: String? = try row.optional(0, 0)
    let tablespace: String? = try row.optional(0, 1)
    if let tablespace, tablespace.hasPrefix("/") {
      guard let space = FreeSpace(at: tablespace) else { return .elsewhere }
      return .seen(space, folder: tablespace)
    }
    guard let data else { return .denied }
    let folder = tablespace.map { "\(data)/\($0)" } ?? data
    guard let space = FreeSpace(at: folder) else { return .elsewhere }
    return .seen(space, folder: folder)
  }

  /// Throws where the server's disk has less than `least` bytes free; returns a warning where
  /// `whole` bytes may not fit, otherwise nil.
  package func check(least: Int, whole: Int) throws -> String? {
    guard case .seen(let space, let folder) = try view(), least > 0 else { return nil }
    let free = "the server's disk (\(folder)) has \(FreeSpace.shown(space.bytes)) free"
    guard space.bytes >= least else {
      throw Failure(
        .preflight,
        "\(free), and the rows of this run need at least \(FreeSpace.shown(least))",
        remedy: "make room there, put the table into another tablespace, or migrate fewer stores "
          + "at a time (--user)")
    }
    let logs: Int? = try connection.scalar(
      "SELECT pg_size_bytes(current_setting('max_wal_size'))")
    let all = whole + min(whole, logs ?? 0)
    guard space.bytes < all else { return nil }
    return "\(free); with texts, index and write-ahead log this run may need up to "
      + FreeSpace.shown(all)
  }
}
