/// A database object, or a property of one, that a statement may remove.
struct CatalogObject: Equatable {
  /// The identity of an object: the address that `pg_depend` uses, and for a property also its
  /// name.
  struct Key: Hashable {
    let catalog: Int
    let object: Int
    var part = 0
    var property = ""

    /// The object that contains this column or property.
    var whole: Key { Key(catalog: catalog, object: object) }
    /// The object or column that has this property.
    var bare: Key { Key(catalog: catalog, object: object, part: part) }
    /// The key of the right or membership without its GRANT OPTION or ADMIN OPTION; nil where this key
    /// stands for no such option.
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
  /// The kind as `pg_identify_object` names it: `table`, `table column`, `policy`.
  let kind: String
  /// The full name among objects of this kind.
  let identity: String
  /// The object whose removal also removes this one without a message.
  let owner: Key?
  /// The number of a relation's file, or of a column's type.
  let node: Int
  /// The kind of a relation (`r`, `p` …); for a column its plain name after one character, which is
  /// `g` where the column is computed from others.
  let detail: String

  /// The name that an operator types for the object.
  var name: String {
    switch kind {
    case "table", "table column", "foreign table column": identity
    case "table constraint", "domain constraint": "constraint \(identity)"
    default: "\(kind) \(identity)"
    }
  }

  /// The kind and the full name, which no two objects share at one time.
  var fullName: String { "\(kind) \(identity)" }

  /// True where the object is a value of an enum type, or an entry in the list of another object.
  var isMember: Bool { key.property.hasPrefix("member") }

  /// Returns this object with the name of `other`, which is the same object in another snapshot.
  func named(as other: CatalogObject?) -> CatalogObject {
    guard let other, other.identity != identity else { return self }
    return CatalogObject(
      key: key, kind: kind, identity: other.identity, owner: owner, node: node, detail: detail)
  }

  /// True for a relation whose rows are examined for losses.
  var holdsRows: Bool { detail == "r" || isMaterialized }

  /// True for a materialized view, whose rows are the result of its query.
  var isMaterialized: Bool { kind == "materialized view" }

  /// True where a new object of the same name does not replace this one, because this one held rows
  /// or values.
  var holdsData: Bool {
    switch kind {
    case "table", "table column", "materialized view", "foreign table", "foreign table column",
      "sequence":
      true
    default: isMember
    }
  }
}
