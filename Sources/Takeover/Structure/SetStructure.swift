/// A state that a bundled set can have in a database: the migrations that are applied, and the
/// structure that they make.
struct SetStructure: Sendable {
  /// The versions of the applied migrations, in the order in which they are applied.
  let versions: [String]
  let structure: Structure

  /// The orders in which the migrations of a set are applied, each as far as a database may be.
  ///
  /// Left out are those by name that lead back to another state.
  static func orders(of set: String) -> [[String]] {
    switch set {
    case "vector_documents":
      let steps = [["0001"], ["0001", "0002"], ["0001", "0002", "0003"]]
      return steps + steps.map { $0 + ["0004"] }
    case "semantic_search":
      return [
        ["014"], ["014", "003"], ["014", "005"], ["014", "003", "005"], ["014", "002"],
        ["014", "004"], ["014", "003", "004"],
      ]
    case "unified_embeddings":
      return [["0001", "0002"], ["0001", "0002", "0003"], ["0001", "0002", "0003", "0004"]]
    case "forum_vectors":
      let regular = (1...4).map { "2024021100000\($0)" }
      let named = (1...3).map { "2024021200000\($0)" }
      return (1...4).map { Array(regular.prefix($0)) }
        + [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].map { places in
          regular + places.map { named[$0] }
        }
    case "knowledge_graph": return [["001"], ["001", "002"]]
    default: return []
    }
  }

  /// Reads the states of a bundled set, which `SetStructureTests` writes from the set's migrations.
  static func states(of set: String) -> [SetStructure] {
    guard let text = SetStructureTexts.all.first(where: { $0.set == set })?.text else { return [] }
    var states: [SetStructure] = []
    var versions: [String] = []
    var items: [StructureItem] = []
    func close() {
      if !versions.isEmpty {
        states.append(SetStructure(versions: versions, structure: Structure(items: items)))
      }
    }
    for line in text.split(separator: "\n") {
      if line.hasPrefix("= ") {
        close()
        versions = line.dropFirst(2).split(separator: " ").map(String.init)
        // A state is written as what differs from that of the migrations before the last one.
        items = states.first { $0.versions == Array(versions.dropLast()) }?.structure.items ?? []
      } else if line.hasPrefix("- "), let item = Structure.item(line.dropFirst(2)) {
        items.removeAll { $0 == item }
      } else if line.hasPrefix("+ "), let item = Structure.item(line.dropFirst(2)) {
        items.append(item)
      }
    }
    close()
    return states
  }

  /// Writes states in the form that `states(of:)` reads.
  static func text(of states: [SetStructure]) -> String {
    var lines: [String] = []
    for state in states {
      let before =
        states.first { $0.versions == Array(state.versions.dropLast()) }?.structure.items ?? []
      lines.append("= " + state.versions.joined(separator: " "))
      let gone = Structure(items: before.filter { !state.structure.items.contains($0) })
      let new = Structure(items: state.structure.items.filter { !before.contains($0) })
      lines += gone.lines.sorted().map { "- " + $0 } + new.lines.sorted().map { "+ " + $0 }
    }
    return lines.joined(separator: "\n")
  }
}
