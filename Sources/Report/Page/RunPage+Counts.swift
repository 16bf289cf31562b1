internal import Clock
internal import Journal
internal import Machine
internal import Messages

extension RunPage {
  /// A fact of the run with its name.
  package struct Fact: Equatable, Sendable {
    /// The name of the fact.
    package let name: String
    /// The fact in words.
    package let value: String

    /// Creates a fact.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The numbers at the head of the page; each store counts once.
  package var counts: [Fact] {
    var counts = [Fact("Stores", grouped(stores.count))]
    for (name, group) in [
      ("Done", Group.written), ("Failed", .failed), ("Not finished", .notFinished),
      ("Unchanged or empty", .untouched), ("Rolled back", .rolledBack),
    ] {
      let count = count(group)
      if count > 0 || group == .failed { counts.append(Fact(name, grouped(count))) }
    }
    counts.append(Fact("Documents written", grouped(documents)))
    if let seconds {
      counts.append(Fact("Duration", Self.words(seconds: seconds)))
      if documents > 0, seconds > 0 {
        let rate = Double(documents) / seconds
        counts.append(
          Fact(
            "Documents a second", rate < 10 ? rate.shown(digits: 1) : grouped(Int(rate.rounded()))))
      }
    }
    return counts
  }

  /// The circumstances of the run: the command, versions, and where everything lies.
  package var circumstances: [Fact] {
    let facts = run.facts
    let exit = run.exitStatus.map { ", exit code \($0)" } ?? ""
    var list = [
      Fact("Run", run.id.description), Fact("Command, with defaults", command),
      Fact("State", run.state.rawValue + exit), Fact("Plan made", run.startedAt.description),
    ]
    if let end = run.finishedAt { list.append(Fact("Ended", end.description)) }
    if let undone = facts.undoneRun { list.append(Fact("Rolls back run", undone.description)) }
    list.append(Fact("Database", facts.database))
    if let table = facts.table { list.append(Fact("Table", table)) }
    if let dimensions = figures[RunFigure.dimensions]?.number, dimensions > 0 {
      list.append(Fact("Dimensions of the table", grouped(Int(dimensions))))
    }
    list.append(Fact("VectorFerry", facts.version))
    if let server = figures[RunFigure.server]?.text { list.append(Fact("PostgreSQL", server)) }
    if let version = figures[RunFigure.pgvector]?.text { list.append(Fact("pgvector", version)) }
    if let jobs = figures[RunFigure.jobs]?.number {
      list.append(Fact("Stores at the same time", grouped(Int(jobs))))
    }
    list.append(Fact("Host", "\(run.process.host), process \(run.process.pid)"))
    list.append(Fact("Copies of the files", backupFolder ?? "none were made"))
    list.append(Fact("Journal", RunJournal.path(in: backupDirectory)))
    if let index = figures[RunFigure.index]?.text {
      list.append(Fact("Index", "not built: \(index)"))
    }
    return list
  }

  /// The sentence before the commands that follow the run.
  static let nextStepsNote =
    "Give these commands the same options for directories and database as the run had."

  /// The commands that follow the run, each with its purpose.
  package var nextSteps: [Fact] {
    guard run.facts.mode == .migrate else { return [] }
    let place = " --backup-dir \(Self.quoted(backupDirectory))"
    let id = String(run.id.description.prefix(8))
    var steps: [Fact] = []
    if count(.failed) + count(.notFinished) > 0 {
      steps.append(
        Fact(
          "vector-ferry migrate --failed\(place)",
          "Migrate the stores that failed or were not finished, after their causes are removed"))
    }
    if count(.written) > 0 {
      steps.append(
        Fact("vector-ferry verify\(place)", "Compare the database with the files once more"))
      steps.append(
        Fact(
          "vector-ferry rollback \(id)\(place) --dry-run",
          "Show what a rollback of this run would remove"))
    }
    steps.append(
      Fact("vector-ferry history show \(id)\(place)", "Show this run in a terminal"))
    return steps
  }

  /// Writes a path as one word of a shell's command line.
  private static func quoted(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      byte >= 0x80 || Set("-_./=@%+:,".utf8).contains(byte)
        || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte)
    }
    return isPlain && !path.isEmpty
      ? path
      : "'"
        + path.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: #"'\''"#) + "'"
  }

  /// Writes seconds for people.
  package static func words(seconds: Double) -> String {
    duration(.milliseconds(Int((max(0, min(seconds, 1e12)) * 1000).rounded())))
  }
}
