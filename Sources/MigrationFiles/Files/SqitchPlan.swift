internal import OwnSchema

/// The contents of a `sqitch.plan`: the changes in their order, with their tags and dependencies.
///
/// The syntax is that of sqitchplan(5), version 1.0.0.
struct SqitchPlan: Equatable {
  /// One change of the plan.
  struct Change: Equatable {
    let name: String
    /// The number of the line that names the change.
    let line: Int
    let dependencies: [Substring]
    /// The tags that follow the change in the plan, each with its `@`.
    var tags: [String] = []
    /// The tags between this change and the later change that reworks it, last tag first.
    ///
    /// Empty where no later change has the same name.
    var reworkTags: [String] = []
  }

  /// The name of the project, by which plans of other projects refer to it.
  private(set) var project = ""
  private(set) var changes: [Change] = []
  private let file: String

  init(_ text: MigrationText, file: String) throws(SchemaError) {
    self.file = file
    let lines = text.string.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, whole) in lines.enumerated() {
      let line = whole.prefix { $0 != "#" }.drop(while: Self.isBlank)
      switch line.first {
      case nil: continue
      case "%": try readPragma(line.dropFirst(), line: index + 1)
      case "@": try readTag(line.dropFirst(), line: index + 1)
      default: try readChange(line, line: index + 1)
      }
    }
    guard !project.isEmpty else {
      throw SchemaError(
        "\(file) names no project", remedy: "write %project=NAME at the top of sqitch.plan")
    }
    for (place, change) in changes.enumerated() {
      for dependency in change.dependencies { try check(dependency, of: change, at: place) }
    }
  }

  private static func isBlank(_ character: Character) -> Bool {
    character == " " || character == "\t"
  }

  private func fault(_ problem: String, line: Int, remedy: String = "correct the plan")
    -> SchemaError
  { SchemaError("\(file):\(line): \(problem)", remedy: remedy) }

  // MARK: Lines

  private mutating func readPragma(_ line: Substring, line number: Int) throws(SchemaError) {
    let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !Self.isBlank($0) } }
    switch parts.first {
    case "syntax-version" where parts.count == 2 && parts[1].hasPrefix("1."): break
    case "project" where parts.count == 2: project = parts[1]
    case "uri": break
    default:
      throw fault(
        "%\(line) is not known (%syntax-version=1.…, %project and %uri are)", line: number)
    }
  }

  private mutating func readTag(_ line: Substring, line number: Int) throws(SchemaError) {
    let name = try self.name(of: line, line: number)
    guard !changes.isEmpty else { throw fault("@\(name) comes before any change", line: number) }
    guard !changes.contains(where: { $0.tags.contains("@\(name)") }) else {
      throw fault("@\(name) appears here twice", line: number)
    }
    changes[changes.count - 1].tags.append("@\(name)")
  }

  private mutating func readChange(_ line: Substring, line number: Int) throws(SchemaError) {
    if line.first == "-" {
      throw fault("a change that is reverted in the plan (-) is not supported", line: number)
    }
    let rest = line.first == "+" ? line.dropFirst().drop(while: Self.isBlank) : line
    let name = try self.name(of: rest, line: number)
    var dependencies: [Substring] = []
    let behind = rest.dropFirst(name.count).drop(while: Self.isBlank)
    if behind.first == "[" {
      guard let end = behind.firstIndex(of: "]") else {
        throw fault("the dependencies are never closed (])", line: number)
      }
      dependencies = behind[..<end].dropFirst().split(whereSeparator: Self.isBlank)
    }
    if let earlier = changes.lastIndex(where: { $0.name == name }) {
      let tags = changes[earlier...].flatMap(\.tags)
      guard !tags.isEmpty else {
        throw fault(
          "\(name) appears here twice, with no tag between", line: number,
          remedy: "tag what was released before the change is reworked (sqitch tag)")
      }
      changes[earlier].reworkTags = tags.reversed()
    }
    changes.append(Change(name: name, line: number, dependencies: dependencies))
  }

  /// Reads the name of a change or tag at the beginning of a line; a name that leads out of the
  /// folder is refused.
  private func name(of line: Substring, line number: Int) throws(SchemaError) -> String {
    let name = line.prefix { !Self.isBlank($0) && $0 != "[" }
    let isPlain = name.allSatisfy { !"@:#\\]".contains($0) } && name.first != "/"
    guard !name.isEmpty, isPlain, !name.split(separator: "/").contains("..") else {
      throw fault("\(name) is not the name of a change or a tag", line: number)
    }
    return String(name)
  }

  // MARK: Dependencies

  private func check(_ dependency: Substring, of change: Change, at place: Int)
    throws(SchemaError)
  {
    let isConflict = dependency.first == "!"
    var word = isConflict ? dependency.dropFirst() : dependency
    if let colon = word.firstIndex(of: ":") {
      let other = word[..<colon]
      word = word[word.index(after: colon)...]
      guard other.isEmpty || other == project else {
        throw fault(
          "\(change.name) depends on \(dependency), of another project, which is not checked",
          line: change.line, remedy: "deploy that project first, then remove the dependency")
      }
    }
    let isThere = isPlanned(word, before: place)
    if isThere, isConflict {
      throw fault("\(change.name) conflicts with \(word), which comes before it", line: change.line)
    }
    if !isThere, !isConflict {
      throw fault(
        "\(change.name) depends on \(word), which does not come before it", line: change.line,
        remedy: "change the order of the two changes")
    }
  }

  /// Returns true where `word` (`change`, `@tag` or `change@tag`) is in the plan before a place.
  private func isPlanned(_ word: Substring, before place: Int) -> Bool {
    let parts = word.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    var earlier = changes[..<place]
    if parts.count == 2 {
      guard let end = earlier.firstIndex(where: { $0.tags.contains("@\(parts[1])") }) else {
        return false
      }
      earlier = earlier[...end]
      if parts[0].isEmpty { return true }
    }
    return earlier.contains { $0.name == parts[0] }
  }
}
