internal import Messages
internal import SQLText
internal import Postgres
internal import MigrationFiles
internal import OwnSchema
internal import Schema

/// Prints the numbered steps of a guided run.
struct SchemaGuide {
  let console: Console

  /// Prints step 1, the state of pgvector on the server; refuses a server that cannot be used.
  func checkExtension(_ set: MigrationSet, on connection: Connection) throws {
    let facts = try ServerFacts.read(connection)
    let text: Message
    if let version = facts.vectorVersion {
      text = "available (version \(version.description))"
    } else if let version = facts.availableVectorVersion {
      text = "available (version \(version.description), not yet enabled in this database)"
    } else {
      text = "not available"
    }
    console.print("[1/5] Checking pgvector extension...   \(text)")
    if set.isBundled, let obstacle = facts.obstacle { throw obstacle }
    if facts.isReadOnly {
      throw SchemaError(
        "database \(facts.database) is read-only", remedy: "name the primary server")
    }
  }

  /// Prints step 2: the tables of the set that exist already.
  func checkTables(_ set: MigrationSet, on connection: Connection) throws {
    let found = try set.existingTables(on: connection)
    let text: Message =
      found.isEmpty ? "not found (first-time set-up)" : "found: \(found.joined(separator: ", "))"
    console.print("[2/5] Checking existing tables...      \(text)")
    let invalid = try CatalogSnapshot.read(connection).invalidIndexes.sorted()
    if !invalid.isEmpty {
      console.diagnostics.warn(
        "INVALID indexes, left by a failed build: \(invalid.joined(separator: ", "))")
    }
  }

  /// Prints steps 3 and 4: the statements that are going to be executed.
  ///
  /// - Parameter outdated: the part of VectorFerry's own schema that is to be updated; nil where
  ///   nothing is to be updated.
  func showPlan(
    _ plan: SchemaPlan, for request: SchemaRequest, outdated: OutdatedInstallation?
  ) {
    for warning in plan.warnings { console.diagnostics.warn("\(warning)") }
    for reason in plan.leftAside { console.print("  Not applied: \(reason)") }
    let lines = plan.steps.reduce(0) { $0 + $1.section.lineCount }
    console.print("[3/5] Loading migration SQL...         \(counted(lines, "line"))")
    for step in plan.steps where step.section.statements.isEmpty && !step.isForgotten {
      console.diagnostics.warn("\(step.section.file) contains no statements for this direction")
    }
    switch outdated {
    case .version(let version):
      console.print(
        "The schema vector_ferry is of an earlier program: version \(version), to be upgraded to "
          + "\(FerrySchema.currentVersion)"
      )
    case .functions:
      console.print(
        "The functions of the schema vector_ferry differ from this program's, and will be replaced")
    case nil: break
    }
    guard !plan.steps.isEmpty else {
      if outdated != nil { return }
      console.print(
        request.goesUp
          ? "Nothing to do: the database is up to date."
          : "Nothing to undo: no migration of the set is applied.")
      return
    }
    console.print("Migration Preview:")
    console.print(Self.rule)
    for step in plan.steps { show(step) }
    console.print(Self.rule)
    console.print("[4/5] Ready to execute migration       \(summary(of: plan))")
  }

  private static let rule: Message = "------------------------------------------------------------"

  private func show(_ step: SchemaPlan.Step) {
    let way: Message = step.isUp ? "up  " : "down"
    let mode: Message = step.section.isOneTransaction ? "" : " (not one transaction)"
    let done: Message = step.isFresh ? "" : " (continues after statement \(step.done))"
    let note: Message =
      step.isForgotten ? " (nothing is undone; the next schema up runs this migration again)" : ""
    console.print("\(way) \(step.version, .bold) \(step.description)\(mode)\(done)\(note)")
    for statement in step.section.statements.dropFirst(step.done) {
      console.print("       \(statement.summary())")
    }
  }

  private func summary(of plan: SchemaPlan) -> Message {
    let ups = plan.steps.filter(\.isUp).count
    let downs = plan.steps.count - ups
    var parts: [Message] = []
    if downs > 0 { parts.append("This will undo \(counted(downs, "migration"))") }
    if ups > 0 {
      let tables = counted(plan.createdTables, "table")
      let indexes = counted(plan.createdIndexes, "index", "indexes")
      let verb = parts.isEmpty ? "This will create" : "create"
      parts.append("\(verb) \(tables) and \(indexes)")
    }
    return parts.joined(separator: " and ")
  }

  /// Prints the end of step 5: the created, renamed and dropped objects.
  func showOutcome(_ outcome: SchemaOutcome) {
    let change = outcome.created
    list("Created tables", change.tables.map { "\($0)" })
    list("Created indexes", change.indexes.map { "\($0.name) (\($0.method.methodName))" })
    list("Renamed tables", change.renamedTables.map { "\($0.from) → \($0.to)" })
    list("Renamed indexes", change.renamedIndexes.map { "\($0.from) → \($0.to)" })
    list("Dropped tables", change.droppedTables.map { "\($0)" })
    list("Dropped indexes", change.droppedIndexes.map { "\($0)" })
    let count = counted(outcome.steps.count, "migration")
    console.print("\("Migration completed successfully!", .green) \(count) executed.")
  }

  private func list(_ title: Message, _ lines: [Message]) {
    guard !lines.isEmpty else { return }
    console.print("\(title):")
    for line in lines { console.print("  - " + line) }
  }
}

extension String {
  /// The name of an index method as people write it.
  fileprivate var methodName: String {
    switch self {
    case "hnsw": "HNSW"
    case "ivfflat": "IVFFlat"
    case "gin": "GIN"
    default: self
    }
  }
}
