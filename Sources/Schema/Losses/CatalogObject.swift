/// A database object, or a property of one, that a statement may remove.
struct CatalogObject: Equatable {
  /// The identity of an object: the address in the system catalogue `pg_depend`, and for a property
  /// of an object also the property's name.
  struct Key: Hashable {
    let catalog: Int
    let object: Int
    var part = 0
    var property = ""

    /// The key of the whole object that contains this column or property.
    var whole: Key { Key(catalog: catalog, object: object) }
    /// The key of the object or column that has this property.
    var bare: Key { Key(catalog: catalog, object: object, part: part) }
    /// The key of the same right without GRANT OPTION, or of the same membership without ADMIN
    /// OPTION; nil where this key has no such option.
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
  /// The full name; no two objects of this kind share it.
  let identity: String
  /// The object whose removal also removes this object without a message.
  let owner: Key?
  /// The number of a relation's file, or a number that shows the type of a column.
  let node: Int
  /// The kind of a relation (`r`, `p` …); for a column one character and then its plain name.
  ///
  /// The character is `g` where the column is computed from other columns.
  let detail: String

  /// The name that the operator types to allow the loss of the object.
  var name: String {
    switch kind {
    case "table", "table column", "foreign table column": identity
    case "table constraint", "domain constraint": "constraint \(identity)"
    default: "\(kind) \(identity)"
    }
  }

  /// The kind and the full name; no two objects share both at one time.
  var fullName: String { "\(kind) \(identity)" }

  /// True where the object is a value of an enum type, or an item in a list that belongs to another
  /// object.
  var isMember: Bool { key.property.hasPrefix("member") }

  /// Returns this object with the name that the same object has in another snapshot, as `other`.
  func named(as other: CatalogObject?) -> CatalogObject {
    guard let other, other.identity != identity else { return self }
    return CatalogObject(
      key: key, kind: kind, identity: other.identity, owner: owner, node: node, detail: detail)
  }

  /// True for a relation whose rows are examined for losses.
  var holdsRows: Bool { detail == "r" || isMaterialized }

  /// True for a materialized view, whose rows are the result of its query.
  var isMaterialized: Bool { kind == "materialized view" }

  /// True where a new object of the same name does not replace this object, because the rows or
  /// values of this object are lost.
  var holdsData: Bool {
    switch kind {
    case "table", "table column", "materialized view", "foreign table", "foreign table column",
      "sequence":
      true
    default: isMember
    }
  }
}
