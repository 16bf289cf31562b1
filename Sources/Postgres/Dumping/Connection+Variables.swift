internal import CLibPQ

extension Connection {
  /// The parameters that the session was opened with, by libpq's keywords.
  var parameters: [(keyword: String, variable: String?, value: String)] {
    guard let options = PQconninfo(handle) else { return [] }
    defer { PQconninfoFree(options) }
    var found: [(String, String?, String)] = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val, value.pointee != 0 {
        let variable = option.pointee.envvar.map { String(cString: $0) }
        found.append((String(cString: keyword), variable, String(cString: value)))
      }
      option += 1
    }
    return found
  }

  /// Returns the session's parameters, the password included, as libpq's environment variables for
  /// another program.
  func libpqVariables(database: String?) -> [String: String] {
    var variables: [String: String] = [:]
    for (keyword, variable, value) in parameters where keyword != "service" {
      if let variable { variables[variable] = value }
    }
    if let database { variables["PGDATABASE"] = database }
    return variables
  }

  /// The host of the session's server as it was given: a name, an address or the directory of a
  /// socket.
  public var host: String { PQhost(handle).map { String(cString: $0) } ?? "" }

  /// The port of the session's server as it was given.
  public var port: String { PQport(handle).map { String(cString: $0) } ?? "" }

  /// Creates a target for another database of the same server, reached in the same way.
  public func target(database: String) -> ConnectionTarget {
    let kept = parameters.filter { $0.keyword != "dbname" && $0.keyword != "service" }
      .map { (keyword: $0.keyword, value: $0.value) }
    // libpq takes a name that contains = or :// for a whole address, unless the name is inside one.
    let name = "dbname=\(database.asConnectionValue)"
    return ConnectionTarget(
      source: "the session", parameters: kept + [("dbname", name)], database: database)
  }
}

extension String {
  /// The text as a quoted value in a connection string.
  var asConnectionValue: String {
    "'" + replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}
