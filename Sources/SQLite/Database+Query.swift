extension Database {
  /// Compiles one statement, which can be run once or many times.
  public func prepare(_ sql: String) throws(DatabaseError) -> Statement {
    try Statement(sql, handle: handle, path: path)
  }

  /// Runs one statement to its end, and ignores its rows.
  public func run(_ sql: String, _ parameters: [Value] = []) throws(DatabaseError) {
    var statement = try prepare(sql)
    try statement.run(parameters)
  }

  /// Reads all rows of a query, each converted to an element.
  public func rows<Element>(
    _ sql: String, _ parameters: [Value] = [], _ transform: (borrowing Statement) throws -> Element
  ) throws -> [Element] {
    var statement = try prepare(sql)
    var elements: [Element] = []
    try statement.forEachRow(parameters) { row in elements.append(try transform(row)) }
    return elements
  }

  /// Reads the first row of a query; nil where the query has no rows.
  public func first<Element>(
    _ sql: String, _ parameters: [Value] = [], _ transform: (borrowing Statement) throws -> Element
  ) throws -> Element? {
    var statement = try prepare(sql)
    try statement.bind(parameters)
    return try statement.step() ? transform(statement) : nil
  }

  /// Reads the first column of the first row; NULL where the query has no rows.
  public func value(_ sql: String, _ parameters: [Value] = []) throws(DatabaseError) -> Value {
    var statement = try prepare(sql)
    try statement.bind(parameters)
    return try statement.step() ? statement.value(0) : .null
  }
}
