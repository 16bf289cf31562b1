/// The schemas of a search path in order, as the setting has them.
struct SearchPath: Equatable {
  /// Each as it is written: quoted, in any case, or `"$user"`.
  let parts: [String]

  /// Splits a setting's value at its commas; those in quotes are part of a name.
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

  /// The value without the schemas of temporary tables.
  var withoutTemporary: String {
    parts.filter { part in
      // Quoted ones keep their case, but these names have no capitals.
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
