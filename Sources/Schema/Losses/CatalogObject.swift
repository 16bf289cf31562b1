/// An object of a database, or a property of one, that a statement may take away.
struct CatalogObject: Equatable {
  /// What identifies it: the address that `pg_depend` uses, and for a property its name.
  struct Key: Hashable {
    let catalog: Int
    let object: Int
    var part = 0
    var property = ""

    /// The object that a column or a property belongs to.
    var whole: Key { Key(catalog: catalog, object: object) }
    /// The object or column without its property.
    var bare: Key { Key(catalog: catalog, object: object, part: part) }
    /// The right or membership that this is an option of (GRANT OPTION, ADMIN OPTION).
    var withoutOption: Key? {
      guard property.hasSuffix(" OPTION"), let end = property.firstRange(of: " WITH ") else {
        return nil
      }
      return Key(
        catalog: catalog, object: object, part: part,
        property: String(property[..<end.lowerBound]))
    }
  }

  let key: Key
  /// What `pg_identify_object` calls its kind: `table`, `table column`, `policy`.
  let kind: String
  /// Its full name of that kind.
  let identity: String
  /// What takes it along silently when it goes.
  let owner: Key?
  /// A relation's file, or a column's type.
  let node: Int
  /// A relation's kind (`r`, `p` …), or a column's plain name.
  let detail: String

  /// What an operator types for it.
  var name: String {
    switch kind {
    case "table", "table column", "foreign table column": identity
    case "table constraint", "domain constraint": "constraint \(identity)"
    default: "\(kind) \(identity)"
    }
  }

  /// Its kind and full name, which no other object has at the same time.
  var fullName: String { "\(kind) \(identity)" }

  /// True where it is a value or the like of something that lists it.
  var isMember: Bool { key.property.hasPrefix("member") }

  /// The same object under the name that another snapshot has for it.
  func named(as other: CatalogObject?) -> CatalogObject {
    guard let other, other.identity != identity else { return self }
    return CatalogObject(
      key: key, kind: kind, identity: other.identity, owner: owner, node: node, detail: detail)
  }

  /// True for a relation whose rows are looked at.
  var holdsRows: Bool { detail == "r" || isMaterialized }

  /// True for a materialized view, whose rows are what its query gave.
  var isMaterialized: Bool { kind == "materialized view" }

  /// True where another object of the same name does not stand for it: it held rows or values.
  var holdsData: Bool {
    switch kind {
    case "table", "table column", "materialized view", "foreign table", "foreign table column",
      "sequence":
      true
    default: isMember
    }
  }
}
