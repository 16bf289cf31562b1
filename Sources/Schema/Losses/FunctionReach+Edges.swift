internal import Postgres

extension FunctionReach {
  /// The fact that one thing runs another thing: for example, writing to a table runs the functions
  /// of the table's triggers.
  struct Edge {
    /// A thing that runs another thing, or that is run by another thing.
    enum End: Hashable {
      case function(Int)
      /// The act of writing to a relation.
      case written(Int)
      /// The act of checking or storing a table's existing rows again.
      case rebuilt(Int)
      /// The use of a view, a type, or a table with policies.
      case used(Int)
      /// The execution of any statement.
      case everything
    }

    /// The thing that is run.
    let from: End
    /// The thing that runs `from`, and so has the same effects.
    let to: End
    /// The name, in SQL, of the thing `to`.
    let name: String

    static func read(_ connection: Connection) throws(PostgresError) -> [Edge] {
      try edges(
        FunctionReachQueries.edges + " UNION ALL " + FunctionReachQueries.types, on: connection)
    }

    /// Returns the tables, views, types and other objects whose use runs one of these functions: a
    /// stored expression calls the function, or the object was made with the function.
    ///
    /// The server records nowhere else which objects use its built-in functions.
    static func naming(_ functions: [Int], on connection: Connection)
      throws(PostgresError) -> [Edge]
    {
      guard !functions.isEmpty else { return [] }
      return try edges(expressions(naming: functions), on: connection)
    }

    private static func edges(_ query: SQL, on connection: Connection)
      throws(PostgresError) -> [Edge]
    {
      let rows = try connection.query(query)
      return try rows.map { (row) throws(PostgresError) in
        let from: Int = try rows.value(row, 1)
        let to: Int = try rows.value(row, 3)
        let start: End =
          switch try rows.value(row, 0, as: String.self) {
          case "function": .function(from)
          case "written": .written(from)
          default: .used(from)
          }
        let end: End =
          switch try rows.value(row, 2, as: String.self) {
          case "function": .function(to)
          case "written": .written(to)
          case "rebuilt": .rebuilt(to)
          case "used": .used(to)
          default: .everything
          }
        return Edge(from: start, to: end, name: try rows.value(row, 4))
      }
    }

    /// Returns SQL that finds stored expressions which call one of these functions; a stored
    /// expression contains the number of each function that it calls.
    private static func expressions(naming functions: [Int]) -> SQL {
      let list = functions.sorted().map { "\($0)" }
      let numbers = SQL(script: list.joined(separator: ","))
      let pattern = ":(?:funcid|opfuncid|aggfnoid|winfnoid) (\(list.joined(separator: "|"))) "
      return FunctionReachQueries.expressions(pattern: Literal(pattern), functions: numbers)
    }
  }
}
