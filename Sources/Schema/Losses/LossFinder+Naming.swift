internal import Postgres

/// The losses of statements that cannot be in a transaction, and so cannot be tried: the names in
/// the statement show what is lost.
extension LossFinder {
  /// Finds the index or partition that a statement outside of transactions names.
  func objects(named removal: NamedRemoval) throws(PostgresError) -> [CatalogObject] {
    switch removal {
    case .other: return []
    case .index(let name):
      guard let number = try number(of: name), let index = start.relation(number) else { return [] }
      return [index]
    case .partition(let name, let parent):
      guard let child = try number(of: name), let table = try number(of: parent) else { return [] }
      let key = CatalogObject.Key(
        catalog: ObjectSnapshot.relationCatalog, object: child, property: "parent \(table)")
      return start[key].map { [$0] } ?? []
    }
  }

  /// Finds the loss of the database, tablespace or subscription that a statement outside of
  /// transactions names; empty where the database or tablespace does not exist.
  func others(named removal: NamedRemoval) throws(PostgresError) -> [Loss] {
    guard case .other(let kind, let name) = removal else { return [] }
    let isThere: Bool? =
      switch kind {
      case "database":
        try connection.scalar(
          "SELECT EXISTS (SELECT FROM pg_database WHERE datname = (parse_ident(\(name)))[1])")
      case "tablespace":
        try connection.scalar(
          "SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = (parse_ident(\(name)))[1])")
      default: true
      }
    return isThere == true ? [Loss(name: "\(kind) \(name)", kind: .object, count: .none)] : []
  }

  private func number(of name: String) throws(PostgresError) -> Int? {
    try connection.asWritten { () throws(PostgresError) in
      try connection.scalar(
        "SELECT pg_catalog.to_regclass(\(name))::pg_catalog.oid::pg_catalog.int8")
    }
  }
}
