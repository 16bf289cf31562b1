/// The schemas of a search path, in the order of the setting.
struct SearchPath: Equatable {
  /// The names of the schemas as they are written: in quotes, in capitals, or as `"$user"`.
  let parts: [String]

  /// Splits the value of `search_path` at its commas; a comma in quotes is part of a name.
  init(_ setting: String) {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    for character in setting {
      if character == "\"" { isQuoted.toggle() }
      guard character == ",", !isQuoted else {
        part.append(character)
        continue
      }
      parts.append(part.trimmed)
      part = ""
    }
    parts.append(part.trimmed)
    self.parts = parts.filter { !$0.isEmpty }
  }

  /// The value for `search_path` without the schemas of temporary tables.
  var withoutTemporary: String {
    parts.filter { part in
      // Quoted names keep their capitals, but these names have none.
      let name = part.replacing("\"", with: "").lowercased()
      return name != "pg_temp" && !name.hasPrefix("pg_temp_")
    }.joined(separator: ", ")
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
