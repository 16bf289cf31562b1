internal import OwnSchema
internal import SQLText

extension MigrationSet {
  /// Reads a folder of Sqitch: the plan, and the scripts of the changes in the plan.
  ///
  /// The version of a change is its place in the plan, because Sqitch, too, identifies a change by
  /// the changes before it.
  static func sqitch(_ folder: MigrationFolder) throws(SchemaError) -> MigrationSet {
    let path = "\(folder.path)/sqitch.plan"
    let project = SqitchProject(
      folder: folder, plan: try SqitchPlan(try folder.text("sqitch.plan"), file: path))
    try project.refuseSettings()
    try project.refuseUnplanned()
    var migrations: [SQLMigration] = []
    var checks: [SchemaCheck] = []
    for place in project.plan.changes.indices {
      migrations.append(try project.migration(at: place))
      if let check = try project.check(at: place) { checks.append(check) }
    }
    return MigrationSet(
      name: folder.setName, migrations: migrations, checks: checks, directory: folder.path,
      form: .sqitch)
  }
}

/// The plan of a Sqitch folder, and its scripts.
private struct SqitchProject {
  let folder: MigrationFolder
  let plan: SqitchPlan

  // MARK: What is there

  /// Refuses settings for other folders or for another database system.
  func refuseSettings() throws(SchemaError) {
    guard folder.has("sqitch.conf") else { return }
    let lines = try folder.text("sqitch.conf").string.split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let parts = line.filter { $0 != " " && $0 != "\t" }.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let key = parts.first, key.first != "#", key.first != ";" else {
        continue
      }
      let usual: [String: [Substring]] = [
        "engine": ["pg"], "top_dir": [".", "./"], "plan_file": ["sqitch.plan"],
        "deploy_dir": ["deploy"], "revert_dir": ["revert"], "verify_dir": ["verify"],
        "extension": ["sql"], "reworked_dir": [], "reworked_deploy_dir": [],
        "reworked_revert_dir": [], "reworked_verify_dir": [],
      ]
      guard let allowed = usual[String(key)], !allowed.contains(parts[1]) else { continue }
      throw SchemaError(
        "\(folder.path)/sqitch.conf:\(index + 1): \(key) = \(parts[1]) is not supported",
        remedy: allowed.first.map { "only \(key) = \($0) is supported" } ?? "remove \(key)")
    }
  }

  /// Refuses SQL files that belong to no change in the plan, because they would silently be left
  /// out.
  func refuseUnplanned() throws(SchemaError) {
    let planned = Set(plan.changes.indices.map { script(of: $0) })
    for entry in folder.entries(in: "deploy") where entry.name.hasSuffix(".sql") {
      if planned.contains(entry.name) { continue }
      throw SchemaError(
        "\(folder.path)/deploy/\(entry.name) belongs to no change in sqitch.plan",
        remedy: "add the change to the plan (sqitch add), or move the script out of the folder")
    }
    for name in folder.sqlNames {
      throw SchemaError(
        "\(folder.path)/sqitch.plan is Sqitch's, and \(folder.path)/\(name) is not in its plan",
        remedy: "keep the files of one tool in one folder")
    }
  }

  /// Returns the file name of a change's scripts; where a later change reworks this change, the
  /// name contains a tag: `users@v1.sql`.
  private func script(of place: Int) -> String {
    let change = plan.changes[place]
    guard let nearest = change.reworkTags.first else { return "\(change.name).sql" }
    let tag = change.reworkTags.first { folder.hasFile("deploy/\(change.name)\($0).sql") }
    return "\(change.name)\(tag ?? nearest).sql"
  }

  // MARK: Migrations

  func migration(at place: Int) throws(SchemaError) -> SQLMigration {
    let change = plan.changes[place]
    let script = script(of: place)
    guard folder.hasFile("deploy/\(script)") else {
      throw SchemaError(
        "\(folder.path)/sqitch.plan:\(change.line): deploy/\(script) does not exist",
        remedy: "restore the script")
    }
    let up = try section("deploy/\(script)", way: .up)
    let hasDown = folder.hasFile("revert/\(script)")
    let down = hasDown ? try section("revert/\(script)", way: .down) : nil
    let bytes = Array("\(change.name)\n".utf8) + up.text.bytes + (down?.text.bytes ?? [])
    // A name alone means the newest change of that name.
    let names = change.reworkTags.isEmpty ? [change.name] : []
    return SQLMigration(
      version: "\(place + 1)", name: String(script.dropLast(".sql".count)), up: up.section,
      down: down?.section, checksum: Checksum(of: bytes), isByNameOnly: false, advisableWhen: nil,
      otherNames: names + change.tags + change.tags.map { "\(change.name)\($0)" })
  }

  private func section(_ name: String, way: MigrationFileName.Way) throws(SchemaError)
    -> (section: MigrationSection, text: MigrationText)
  {
    let path = "\(folder.path)/\(name)"
    let text = try folder.text(name)
    let parser = MigrationParser(file: path, mayInstall: false, folder: .sqitch)
    let content = try parser.content(of: text, way: way)
    guard let section = way == .up ? content.up : content.down else {
      throw SchemaError("\(path) holds no statement", remedy: "write the statements of the script")
    }
    for statement in section.statements {
      guard let (variable, place) = statement.psqlVariable else { continue }
      throw SchemaError(
        "\(path):\(place): psql would put a value in the place of :\(variable)",
        remedy: "write the value itself")
    }
    return (section, text)
  }

  // MARK: Verify scripts

  /// Reads the verify script of a change; nil where there is no such script.
  func check(at place: Int) throws(SchemaError) -> SchemaCheck? {
    let name = "verify/\(script(of: place))"
    guard folder.hasFile(name) else { return nil }
    let newer = plan.changes[(place + 1)...].firstIndex {
      $0.name == plan.changes[place].name
    }
    var statements = try section(name, way: .up).section.statements
    if statements.first?.form == .begin { statements.removeFirst() }
    if let last = statements.last?.form, last == .rollback || last == .commit {
      statements.removeLast()
    }
    if let control = statements.first(where: \.form.isTransactionControl) {
      throw SchemaError(
        "\(folder.path)/\(name):\(control.position): a transaction begins or ends in the middle",
        remedy: "check everything between one BEGIN and one ROLLBACK")
    }
    if let copy = statements.first(where: { $0.copyData != nil }) {
      throw SchemaError(
        "\(folder.path)/\(name):\(copy.position): a verify script takes no data of COPY",
        remedy:
          "write INSERT in place of COPY, or check the rows that the deploy script has inserted")
    }
    return SchemaCheck(
      category: .structure, title: name, statements: statements, version: "\(place + 1)",
      newerVersion: newer.map { "\($0 + 1)" })
  }
}

extension SQLStatement {
  /// The first variable of psql in the statement (`:name`, `:'name'` or `:"name"`), and its place;
  /// nil where there is no variable.
  fileprivate var psqlVariable: (name: String, place: SourcePosition)? {
    var brackets = 0
    for (index, word) in words.enumerated() {
      switch word.text {
      case "[": brackets += 1
      case "]": brackets -= 1
      case ":" where brackets == 0 && index + 1 < words.count:
        let next = words[index + 1]
        let isCast =
          index > 0 && words[index - 1].text == ":" && words[index - 1].offset == word.offset - 1
        guard !isCast, next.offset == word.offset + 1, next.isName || next.kind == .string else {
          continue
        }
        return (next.text, position(ofCharacter: word.offset + 1))
      default: break
      }
    }
    return nil
  }
}
