import Foundation
import Postgres
import TestSupport

extension ModelWorld {
  /// Carries out an operation in the program and in the model, and compares the two; returns the
  /// operation in words.
  func perform(_ operation: ModelOperation) throws -> String {
    var dice = SeededGenerator(seed: operation.dice)
    let done =
      switch operation.kind {
      case .changeFiles: try changeFiles(&dice)
      case .migrate: try migrate([], &dice)
      case .migrateForced: try migrate(["--force"], &dice)
      case .migrateAlongside: try migrate(["--alongside"], &dice)
      case .killMigrate: try killMigrate(&dice)
      case .editRow: try editRow(&dice)
      case .deleteRow: try deleteRow(&dice)
      case .deleteAllRows: try deleteAllRows(&dice)
      case .addRow: try addRow(&dice)
      case .rollBack: try rollBack(nil, [])
      case .rollBackRestoring: try rollBack(nil, ["--restore"])
      case .rollBackFiles: try rollBack(nil, ["--files"])
      case .rollBackNamed: try rollBackNamed(&dice)
      case .killRollBack: try killRollBack(&dice)
      case .loseFiles: try loseFiles(&dice)
      case .restoreBackup: try restoreBackup(&dice, isLost: true)
      case .restoreBackupOver: try restoreBackup(&dice, isLost: false)
      }
    try check()
    return done
  }

  // MARK: What the application does

  private func changeFiles(_ dice: inout SeededGenerator) throws -> String {
    let (name, dimensions) = Self.widths.randomElement(using: &dice) ?? Self.widths[0]
    var files = stores[name]?.files ?? []
    var done: [String] = []
    for _ in 0..<Int.random(in: 1...3, using: &dice) {
      switch Int.random(in: 0..<10, using: &dice) {
      case 0..<4:
        files.append(document(dimensions, &dice))
        done.append("add \(files.last?.key ?? "")")
      case 4..<7 where !files.isEmpty:
        let place = files.indices.randomElement(using: &dice) ?? 0
        files[place].content = content(dimensions, number: Int(dice.next() % 40), &dice)
        done.append("change \(files[place].key)")
      case 7..<9 where !files.isEmpty:
        let place = files.indices.randomElement(using: &dice) ?? 0
        done.append("drop \(files.remove(at: place).key)")
      case 9 where Bool.random(using: &dice):
        files = []
        done.append("drop all")
      default:
        files.shuffle(using: &dice)
        done.append("shuffle")
      }
    }
    stores[name]?.files = files
    try writeFiles(of: name)
    return "\(name): \(done.joined(separator: ", "))"
  }

  /// Returns a random row, the same for the same seed; nil where there is none.
  private func row(_ dice: inout SeededGenerator) -> (name: String, key: String)? {
    names.flatMap { name -> [(String, String)] in
      guard let store = stores[name] else { return [] }
      return (store.own.keys.sorted() + store.added.keys.sorted()).map { (name, $0) }
    }.randomElement(using: &dice)
  }

  private func editRow(_ dice: inout SeededGenerator) throws -> String {
    guard let (name, key) = row(&dice),
      var content = stores[name]?.own[key] ?? stores[name]?.added[key]
    else { return "no row" }
    let recorded = stores[name]?.entry?.listed[key]
    switch Int.random(in: 0..<4, using: &dice) {
    case 0: content.text = "Text \(Int(dice.next() % 40)), naïve 🦊"
    case 1: content.note += 1
    case 2: content.vector[0] = Float.random(in: 2...3, using: &dice)
    default:
      // Somebody undoes an edit, or writes the content that the files have now.
      let document = stores[name]?.files.first { $0.key == key }?.content
      content = Bool.random(using: &dice) ? recorded ?? content : document ?? content
    }
    try updateRow(key, of: name, to: content)
    if stores[name]?.own[key] != nil {
      stores[name]?.own[key] = content
    } else {
      stores[name]?.added[key] = content
    }
    return "\(name) \(key): \(content)"
  }

  private func deleteRow(_ dice: inout SeededGenerator) throws -> String {
    guard let (name, key) = row(&dice) else { return "no row" }
    try remove(key, of: name)
    return "\(name) \(key)"
  }

  private func deleteAllRows(_ dice: inout SeededGenerator) throws -> String {
    guard let (name, _) = row(&dice), let store = stores[name] else {
      return "no row"
    }
    for key in store.present { try remove(key, of: name) }
    return name
  }

  private func remove(_ key: String, of name: String) throws {
    try deleteRow(key, of: name)
    stores[name]?.own[key] = nil
    stores[name]?.added[key] = nil
  }

  private func addRow(_ dice: inout SeededGenerator) throws -> String {
    guard try ferry.scalar("SELECT to_regclass('vector_documents') IS NOT NULL") == true else {
      return "no table"
    }
    let (name, dimensions) = Self.widths.randomElement(using: &dice) ?? Self.widths[0]
    var row = document(dimensions, &dice)
    // About half of the rows have a text that a document may also have.
    if Bool.random(using: &dice), let other = stores[name]?.files.randomElement(using: &dice) {
      row.content.text = other.content.text
    }
    let key = "app-\(row.key)"
    try insertRow(key, of: name, row.content)
    stores[name]?.added[key] = row.content
    return "\(name) \(key): \(row.content.text)"
  }

  private func loseFiles(_ dice: inout SeededGenerator) throws -> String {
    // A run without any store is not tried here.
    guard onDisk.count > 1, let name = onDisk.randomElement(using: &dice) else { return "none" }
    try removeFiles(of: name)
    return name
  }

  // MARK: migrate

  private func migrate(_ choices: [String], _ dice: inout SeededGenerator) throws -> String {
    let jobs = Bool.random(using: &dice) ? ["--jobs", "2"] : []
    let arguments = ["migrate", "--yes", "--json"] + choices + jobs
    return try finishMigrate(try program(arguments), arguments)
  }

  /// Compares a run that has ended by itself with the model's run.
  private func finishMigrate(_ outcome: ProcessOutcome, _ arguments: [String]) throws -> String {
    let document =
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any] ?? [:]
    guard let run = document["run"] as? String else {
      throw Disagreement("\(arguments) said \(outcome.text)\(outcome.errorText)")
    }
    let shown = document["stores"] as? [[String: Any]] ?? []
    var said: [String] = []
    var copied: [String: [StoreModel.Document]] = [:]
    for name in onDisk {
      let wanted = carry(name, run: run, arguments, &copied)
      let store = shown.first { "\($0["user"] ?? "")/\($0["collection"] ?? "")" == name }
      let found = store?["outcome"] as? String ?? "nothing"
      let expected =
        switch wanted {
        case .unchanged: "unchanged"
        case .migrated: "migrated"
        case .stopped, .refused: "failed"
        }
      guard found == expected else {
        throw Disagreement(
          "\(arguments): \(name) is said to be \(found), should be \(wanted): "
            + "\(store?["failure"] ?? "")")
      }
      said.append("\(name) \(wanted)")
    }
    if !copied.isEmpty { backups[run] = copied }
    let isWhole = !said.contains { $0.hasSuffix("stopped") || $0.hasSuffix("refused") }
    guard outcome.status == (isWhole ? 0 : 1) else {
      throw Disagreement("\(arguments) ended with \(outcome.status): \(outcome.text)")
    }
    guard try readRuns().map(\.id) == [run] else {
      throw Disagreement("the ledger registers \(runs.map(\.id)) after run \(run)")
    }
    return said.joined(separator: ", ")
  }

  private func carry(
    _ name: String, run: String, _ arguments: [String],
    _ copied: inout [String: [StoreModel.Document]]
  ) -> StoreModel.Outcome {
    let outcome =
      stores[name]?.migrate(
        run: run, force: arguments.contains("--force"),
        alongside: arguments.contains("--alongside")) ?? .unchanged
    if outcome == .migrated || outcome == .refused { copied[name] = stores[name]?.files }
    return outcome
  }

  private static let stages = [
    "scan", "backup", "before-transaction", "copying", "verify", "before-commit", "after-commit",
  ]

  private func killMigrate(_ dice: inout SeededGenerator) throws -> String {
    let choices = [[], ["--force"], ["--alongside"]].randomElement(using: &dice) ?? []
    let stage = Bool.random(using: &dice) ? Self.stages.randomElement(using: &dice) : nil
    let arguments = ["migrate", "--yes", "--json"] + choices
    let microseconds = UInt32.random(in: 5_000...250_000, using: &dice)
    if let outcome = try kill(arguments, at: stage, afterMicroseconds: microseconds) {
      return "was quicker: " + (try finishMigrate(outcome, arguments))
    }
    let run = try readRuns().last?.id
    let listed = try listedRuns()
    var copied: [String: [StoreModel.Document]] = [:]
    var carried: [String] = []
    for name in onDisk {
      let before = stores[name]
      let outcome = carry(name, run: run ?? "no run", arguments, &copied)
      // A store has its complete earlier state, or the complete state after the run.
      if outcome != .migrated || run == nil || listed[name] != run { stores[name] = before }
      if outcome == .migrated, stores[name] != before { carried.append(name) }
      stores[name]?.last = .unknown
    }
    if let run, try isCopied(by: run) { backups[run] = copied }
    return "\(choices) at \(stage ?? "\(microseconds) µs"): \(carried) were carried over"
  }

  /// Returns true where a run has completed its backup: an incomplete backup does not count.
  private func isCopied(by run: String) throws -> Bool {
    let root = ferry.folder.file("migration_backup")
    return try FileManager.default.contentsOfDirectory(atPath: root).contains { name in
      (try? String(contentsOfFile: "\(root)/\(name)/manifest.json", encoding: .utf8))?
        .contains(run) ?? false
    }
  }

  // MARK: rollback

  /// The expected rollback: none, with the reason, or the stores of a run.
  private enum Decision {
    case nothing
    case refused
    case stores([String], of: String)
  }

  private func decide(_ name: String?, files: Bool) -> Decision {
    func stores(of run: String) -> [String] {
      names.filter {
        self.stores[$0]?.entry?.run == run || files && backups[run]?[$0] != nil
      }
    }
    if let name {
      let found = stores(of: name)
      return found.isEmpty ? .refused : .stores(found, of: name)
    }
    let order = Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($1.id, $0) })
    let migrations = Set(runs.filter { $0.undoneRun == nil }.map(\.id))
    let latest = self.stores.values.compactMap { $0.entry?.run }.filter(migrations.contains)
      .max { order[$0, default: -1] < order[$1, default: -1] }
    let last = runs.last { $0.tookRows && migrations.contains($0.undoneRun ?? "") }
    if let undone = last?.undoneRun,
      order[undone, default: -1] > latest.flatMap({ order[$0] }) ?? -1
    {
      guard files, last?.isFinished == false else { return .nothing }
      let found = stores(of: undone)
      return found.isEmpty ? .nothing : .stores(found, of: undone)
    }
    guard let latest else { return .nothing }
    return .stores(stores(of: latest), of: latest)
  }

  private func rollBack(_ name: String?, _ choices: [String]) throws -> String {
    let arguments = ["rollback"] + (name.map { [$0] } ?? []) + ["--yes"] + choices
    let decision = decide(name, files: choices.contains("--files"))
    return try finishRollBack(try program(arguments), arguments, decision)
  }

  private func finishRollBack(
    _ outcome: ProcessOutcome, _ arguments: [String], _ decision: Decision
  ) throws -> String {
    let new = try readRuns()
    guard case .stores(let chosen, let target) = decision else {
      let code: Int32 = if case .refused = decision { 3 } else { 0 }
      guard outcome.status == code, new.isEmpty else {
        throw Disagreement(
          "\(arguments) ended with \(outcome.status), should be \(code) with nothing done:\n"
            + outcome.text + outcome.errorText)
      }
      return "nothing to do"
    }
    guard new.count == 1, let actor = new.first?.id, new.first?.undoneRun == target else {
      throw Disagreement(
        "\(arguments) should take back \(target), registered \(new):\n\(outcome.text)"
          + outcome.errorText)
    }
    var failed = 0
    for name in chosen {
      if arguments.contains("--files") {
        guard let copy = backups[target]?[name] else {
          failed += 1
          continue
        }
        stores[name]?.files = copy
        stores[name]?.isLost = false
      }
      if stores[name]?.entry?.run == target {
        stores[name]?.rollBack(by: actor, restore: arguments.contains("--restore"))
      }
    }
    guard outcome.status == (failed == 0 ? 0 : 1) else {
      throw Disagreement(
        "\(arguments) ended with \(outcome.status), \(failed) stores should fail:\n\(outcome.text)"
          + outcome.errorText)
    }
    return "\(target.prefix(8)): \(chosen)"
  }

  private func rollBackNamed(_ dice: inout SeededGenerator) throws -> String {
    guard let run = runs.randomElement(using: &dice) else { return "no run" }
    let choices = [[], ["--files"], ["--restore"], ["--restore", "--files"]]
    return try rollBack(run.id, choices.randomElement(using: &dice) ?? [])
  }

  private static let rollbackStages = [
    "rollback-plan", "rollback-locked", "rollback-removed", "rollback-before-commit",
    "rollback-after-commit",
  ]

  private func killRollBack(_ dice: inout SeededGenerator) throws -> String {
    guard !runs.isEmpty else { return "no run" }
    let choices = Bool.random(using: &dice) ? ["--restore"] : []
    let arguments = ["rollback", "--yes"] + choices
    let stage = Bool.random(using: &dice) ? Self.rollbackStages.randomElement(using: &dice) : nil
    let decision = decide(nil, files: false)
    let microseconds = UInt32.random(in: 5_000...150_000, using: &dice)
    if let outcome = try kill(arguments, at: stage, afterMicroseconds: microseconds) {
      return "was quicker: " + (try finishRollBack(outcome, arguments, decision))
    }
    let actor = try readRuns().last?.id
    guard case .stores(let chosen, let target) = decision else { return "nothing to do" }
    let listed = try listedRuns()
    var done: [String] = []
    for name in chosen {
      if stores[name]?.entry?.run == target, listed[name] != target {
        stores[name]?.rollBack(by: actor ?? "no run", restore: choices == ["--restore"])
        done.append(name)
      }
      stores[name]?.last = .unknown
    }
    return "\(choices) at \(stage ?? "\(microseconds) µs"): \(done) were rolled back"
  }

  // MARK: Backups

  private func restoreBackup(_ dice: inout SeededGenerator, isLost: Bool) throws -> String {
    let known = runs.map(\.id).filter { backups[$0]?.isEmpty == false }
    guard let run = known.randomElement(using: &dice),
      let name = backups[run]?.keys.sorted().randomElement(using: &dice),
      let copy = backups[run]?[name]
    else { return "no backup" }
    if isLost { try removeFiles(of: name) }
    let parts = name.split(separator: "/").map(String.init)
    let outcome = try program([
      "backups", "restore", run, "--to", "user_data", "--user", parts[0], "--collection", parts[1],
    ])
    let isRestored = stores[name]?.isLost == true || stores[name]?.files == copy
    guard (outcome.status == 0) == isRestored else {
      throw Disagreement(
        "backups restore \(run) \(name) ended with \(outcome.status):\n\(outcome.text)"
          + outcome.errorText)
    }
    if isRestored {
      stores[name]?.files = copy
      stores[name]?.isLost = false
    }
    return "\(name) of \(run.prefix(8)): \(isRestored ? "restored" : "refused")"
  }
}
