/// The structure of a database, compared with that of a state of a set: by what the parts are, not
/// by their names.
struct StructureComparison: Sendable {
  /// A part of the set, and the part of the database that it is.
  struct Match: Sendable, Equatable {
    let wanted: StructureItem
    let found: StructureItem
  }

  /// The parts that both have.
  private(set) var matches: [Match] = []
  /// The parts of the set that the database does not have.
  private(set) var missing: [StructureItem] = []
  /// The parts of the database that the set does not make.
  private(set) var surplus: [StructureItem] = []

  /// Compares a database with a state of a set.
  ///
  /// - Parameter known: the keys of all parts of all states of the set; other parts of the database
  ///   are the operator's own and count only where they belong to the set's tables.
  init(of found: Structure, with wanted: Structure, known: Set<String>) {
    var open = found.items
    var rest: [StructureItem] = []
    // A part with the same name comes first: the database may have the same index twice.
    for pass in [true, false] {
      for item in pass ? wanted.items : rest {
        let place = open.firstIndex {
          $0.key == item.key && (!pass || $0.name == item.name)
        }
        if let place {
          matches.append(Match(wanted: item, found: open.remove(at: place)))
        } else if pass {
          rest.append(item)
        } else {
          missing.append(item)
        }
      }
    }
    matchConstraints(of: wanted, with: &open)
    let tables = wanted.tables
    surplus = open.filter { item in
      known.contains(item.key) || item.kind == .column && tables.contains(item.table)
    }
  }

  /// Matches constraints of one kind over the same columns whose conditions are written differently.
  private mutating func matchConstraints(of wanted: Structure, with open: inout [StructureItem]) {
    for item in missing where item.kind == .constraint {
      let columns = wanted.items.filter { $0.kind == .column && $0.table == item.table }.map(\.name)
      let words = item.words(among: columns)
      let alike = open.indices.filter { index in
        open[index].kind == .constraint && open[index].table == item.table
          && open[index].words(among: columns) == words
      }
      guard alike.count == 1 else { continue }
      matches.append(Match(wanted: item, found: open.remove(at: alike[0])))
      missing.removeAll { $0 == item }
    }
  }

  /// The missing tables, and the missing columns of tables that exist: no run can add them without
  /// the set's own migrations.
  var obstacles: [StructureItem] {
    let tables = Set(missing.filter { $0.kind == .table }.map(\.name))
    return missing.filter {
      $0.kind == .table || $0.kind == .column && !tables.contains($0.table)
    }
  }

  /// The weight of everything that differs; 0 where the database is in this state.
  ///
  /// - Parameter known: the keys of all parts of all states of the set.
  func distance(known: Set<String>) -> Int {
    let missing = missing.map { $0.kind == .table ? 1000 : $0.kind == .column ? 100 : 1 }
    let surplus = surplus.map { item in
      !known.contains(item.key) ? 0 : item.kind == .table ? 1000 : item.kind == .column ? 10 : 1
    }
    return (missing + surplus).reduce(0, +)
  }

  /// The parts whose names in the database are not those of the set.
  var renamings: [Match] {
    matches.filter { $0.wanted.kind.isKnownByDefinition && $0.wanted.name != $0.found.name }
  }

  /// The parts that are defined in another way, but serve the same purpose.
  var variations: [Match] {
    matches.filter { match in
      guard match.wanted.kind != .trigger else { return false }
      return match.wanted.definition != match.found.definition
    }
  }
}

extension StructureItem {
  /// The kind of a constraint, and the columns that its definition names.
  fileprivate func words(among columns: [String]) -> Set<String> {
    let plain = definition.replacing(/'[^']*'/, with: "")
    let words = Set(plain.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
    let own = plain.hasPrefix("FOREIGN KEY") ? String(plain.prefix { $0 != ")" }) : plain
    let named = Set(own.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
    let kind = plain.split(separator: " ").first.map(String.init) ?? ""
    let target = plain.hasPrefix("FOREIGN KEY") ? words.subtracting(named) : []
    let referred = target.filter {
      !["REFERENCES", "ON", "DELETE", "UPDATE", "CASCADE", "SET", "NULL"].contains($0) && $0 != "id"
    }
    return named.intersection(columns).union([kind]).union(referred)
  }
}
