internal import Doctor
internal import Ledger
internal import OwnSchema
internal import Postgres
internal import Stores

extension DatabaseState {
  /// Runs `body` in a read-only transaction; where row-level security depends on the user, this
  /// transaction sees the rows of the store's user.
  func read<Result>(_ name: StoreName, _ body: (Connection) throws -> Result) throws -> Result {
    try connection.transaction(.repeatableRead, readOnly: true) {
      try RowSecurity.act(for: name.user, on: connection)
      return try body(connection)
    }
  }
}
