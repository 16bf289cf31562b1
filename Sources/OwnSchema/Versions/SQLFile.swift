package import Postgres

/// An SQL file that is built into the program.
///
/// The text says `pgvector.` for the schema of pgvector; psql can run the file unchanged in a
/// database where pgvector is in a schema of that name. Other values are psql variables, such as
/// `:table`. The schema is not such a variable, because psql replaces no variables in the body of a
/// function.
package struct SQLFile: Sendable {
  /// The file's name.
  package let name: String
  /// The whole text of the file.
  package let text: String

  package init(_ file: (name: String, text: String)) {
    name = file.name
    text = file.text
  }

  /// Returns the file's text for a database.
  ///
  /// - Parameters:
  ///   - vectorSchema: the schema that pgvector is in; not needed for a file that does not name
  ///     this schema.
  ///   - variables: the SQL that replaces each variable.
  package func script(vectorSchema: Identifier? = nil, variables: [String: String] = [:]) -> SQL {
    let text = text.replacing(/::|pgvector\.|:[a-z_]+/) { match in
      switch match.output {
      case "pgvector.": vectorSchema.map { "\($0.quoted)." } ?? String(match.output)
      default: variables[String(match.output.dropFirst())] ?? String(match.output)
      }
    }
    return SQL(script: text)
  }
}

extension FerryFiles {
  /// Returns the file with this name.
  package static func file(_ name: String, in files: [(name: String, text: String)]) -> SQLFile {
    guard let file = files.first(where: { $0.name == "\(name).sql" }) else {
      // The names are written in the source, and tests run every file.
      fatalError("no file \(name).sql")
    }
    return SQLFile(file)
  }
}
