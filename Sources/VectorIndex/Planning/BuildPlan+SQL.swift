internal import Layouts
internal import Postgres

extension BuildPlan {
  /// The statement that builds the index.
  var statement: SQL {
    let schema = facts.vectorSchema
    let options = SQL.joined(
      parameters.options.map { "\(Identifier($0.name)) = \(number: $0.value)" }, separator: ", ")
    let how: SQL = isConcurrent ? "CONCURRENTLY " : ""
    let column: SQL = facts.column == "embedding" ? "embedding" : "\(facts.column)"
    let method = Identifier(parameters.method.rawValue)
    return """
      CREATE INDEX \(how)\(name) ON \(facts.table.name) USING \(method)
      (\(form.expression(of: column, vectorSchema: schema)) \(form.operatorClass(vectorSchema: schema)))
      WITH (\(options))
      """
  }
}
