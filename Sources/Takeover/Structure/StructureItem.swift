/// A part of a database's structure: a table, a column, an index, a trigger and so on.
struct StructureItem: Sendable, Equatable {
  /// The kinds of parts.
  enum Kind: String, Sendable, CaseIterable {
    case table, column, constraint, index, trigger, sequence, security, policy, function, view
    case type

    /// True for parts whose names may be different in two databases of the same structure.
    var isKnownByDefinition: Bool {
      switch self {
      case .constraint, .index, .trigger, .sequence, .policy: true
      default: false
      }
    }
  }

  let kind: Kind
  /// The table that the part belongs to; empty for functions, views and types.
  let table: String
  let name: String
  /// The definition as the server writes it, without the names of schemas.
  let definition: String
  /// The name of a column's type; empty for other parts.
  let type: String

  /// The words that mean the same part in every database, whatever its name is there.
  let key: String

  init(kind: Kind, table: String, name: String, definition: String, type: String) {
    self.kind = kind
    self.table = table
    self.name = name
    self.definition = definition
    self.type = type
    key = Self.key(kind, table: table, name: name, definition: definition, type: type)
  }

  private static func key(
    _ kind: Kind, table: String, name: String, definition: String, type: String
  ) -> String {
    let what: String
    switch kind {
    case .table, .view, .type, .security: what = name
    case .column: what = "\(name) \(family(of: type))"
    case .function: what = "\(name)(\(definition))"
    case .constraint, .policy: what = plain(definition)
    case .index: what = plain(definition.replacing(/\ WITH \([^)]*\)/, with: ""))
    case .trigger, .sequence: what = definition
    }
    return "\(kind.rawValue) \(table) \(what)"
  }

  /// Returns a definition without casts, parentheses, spaces and the order of sorting: the server
  /// writes the same condition in several forms.
  private static func plain(_ definition: String) -> String {
    definition
      .replacing(
        /::(?:character varying|timestamp with(?:out)? time zone|double precision|"?\w+"?)(?:\(\d+(?:,\d+)?\))?(?:\[\])?/,
        with: ""
      )
      .replacing(/\ (?:ASC|DESC|NULLS FIRST|NULLS LAST)\b/, with: "")
      .replacing(/[() "]/, with: "")
  }

  /// Returns one name for types whose values an application uses in the same way.
  private static func family(of type: String) -> String {
    switch type {
    case "varchar", "text", "bpchar": "text"
    case "int2", "int4", "int8": "integer"
    case "float4", "float8", "numeric": "number"
    case "timestamp", "timestamptz": "time"
    case "json", "jsonb": "json"
    default: type
    }
  }

  /// The part in words, with the name that it has here.
  var description: String {
    switch kind {
    case .table, .view, .type: "\(kind.rawValue) \(name)"
    case .column: "column \(table).\(name) (\(definition))"
    case .function: "function \(name)(\(definition))"
    case .constraint: "constraint \(name) of \(table): \(definition)"
    case .index: "index \(name) of \(table): \(definition)"
    case .trigger: "trigger \(name) of \(table)"
    case .sequence: "sequence \(name) of \(table).\(definition)"
    case .security: "row-level security of \(table) (\(name))"
    case .policy: "policy \(name) of \(table)"
    }
  }
}
