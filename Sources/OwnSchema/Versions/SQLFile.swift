package import Postgres

/// A file of SQL that the program brings.
///
/// It says `pgvector.` where it means the schema that pgvector is in, and psql takes it as it stands
/// in a database that has a schema of that name for it. What else differs is a variable as psql knows
/// them, such as `:table`. A variable for the schema would not do: psql replaces none in the body of
/// a function.
package struct SQLFile: Sendable {
  /// The file's name.
  package let name: String
  /// All of it.
  package let text: String

  package init(_ file: (name: String, text: String)) {
    name = file.name
    text = file.text
  }

  /// The text for a database.
  ///
  /// - Parameters:
  ///   - vectorSchema: the schema that pgvector is in; not needed for a file that does not name it.
  ///   - variables: what stands for each variable, as SQL.
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

/// The SQL files that the program makes its own objects by, as `Scripts/embed-sets.py` has written
/// them into the binary.
package enum FerryFiles {
  /// One of them by its name.
  package static func file(_ name: String, in files: [(name: String, text: String)]) -> SQLFile {
    guard let file = files.first(where: { $0.name == "\(name).sql" }) else {
      // The names are written in the source, and tests apply each.
      fatalError("no file \(name).sql")
    }
    return SQLFile(file)
  }
}
