import Clock
import Machine
import Stores

@testable import Journal
@testable import Report

/// The facts of a run that no program has made.
struct SamplePage {
  /// The time when the run began.
  static let start = Timestamp(millisecondsSince1970: 1_736_692_222_500)
  /// The id of the run.
  static let id = RunID("1a2b3c4d-5c1d-4d8e-9d53-6f0c7a3c2a11") ?? RunID()

  /// The number of stores that were written.
  var written = 4
  /// The number of stores that failed, for one of three reasons each.
  var failing = 0
  /// True where the vectors of the written stores were reduced.
  var isReduced = true
  /// The name of the first user, in place of a harmless one.
  var firstUser: String?
  /// The exit code of the run; nil where the run has recorded no end.
  var exitStatus: Int? = 0

  /// The page of the run.
  var page: RunPage {
    var records: [StoreRecord] = []
    var measured: [StoreName: StoreFigures] = [:]
    for number in 0..<(written + failing) {
      let name = name(number)
      let isFailed = number >= written
      records.append(record(name, number, isFailed: isFailed))
      measured[name] = figures(number, isFailed: isFailed)
    }
    var page = RunPage(
      run: run, stores: records, measured: measured, figures: runFigures,
      writing: records.filter { $0.outcome == .succeeded }.enumerated().map(span),
      backupDirectory: "migration_backup")
    if isReduced, written > 0 {
      page.energy = [energy("user0000/notes"), energy("user0003/notes")]
    }
    page.failures = groups
    return page
  }

  private func name(_ number: Int) -> StoreName {
    if number == 0, let firstUser { return StoreName(user: firstUser, collection: firstUser) }
    let digits = String(number)
    return StoreName(
      user: "user" + String(repeating: "0", count: 4 - digits.count) + digits, collection: "notes")
  }

  private var run: RunRecord {
    RunRecord(
      id: Self.id,
      facts: RunFacts(
        mode: .migrate, version: "0.1.0", options: "--jobs 2 --backup-dir migration_backup",
        database: "embedded server in .vector-ferry/postgres", table: "public.vector_documents"),
      process: ProcessIdentity(host: "ferry-host", pid: 4711, start: ""),
      startedAt: Self.start,
      finishedAt: exitStatus.map { _ in
        Timestamp(millisecondsSince1970: Self.start.millisecondsSince1970 + 90_000)
      },
      exitStatus: exitStatus, tally: [:])
  }

  private func record(_ name: StoreName, _ number: Int, isFailed: Bool) -> StoreRecord {
    StoreRecord(
      run: Self.id, name: name, path: "user_data/\(name.user)/vector_store_\(name.collection)",
      stage: isFailed ? .load : .verify, outcome: isFailed ? .failed : .succeeded,
      reason: isFailed ? reasons[number % 3].0 + "; " + reasons[number % 3].1 : nil,
      facts: StoreFacts(
        documents: 40 + number % 100, vectors: 40 + number % 100, dimensions: 3072,
        backupPath: isFailed
          ? nil : "migration_backup/20250112_143022/\(name.user)/\(name.collection)"),
      change: number, startedAt: Self.start, finishedAt: Self.start)
  }

  /// The reasons of failures with their remedies.
  let reasons = [
    ("vectors.pkl, row 12: the vector holds NaN", "correct the vector, or remove the document"),
    ("metadata.json cannot be decrypted", "set ENCRYPTION_MASTER_KEY to the key of this user"),
    ("the counts differ: 40 vectors, 39 texts", "repair the store, or give --allow-mismatch"),
  ]

  private var groups: [RunPage.FailureGroup] {
    (0..<3).compactMap { kind in
      let stores = (written..<written + failing).filter { $0 % 3 == kind }.map(name)
      guard !stores.isEmpty else { return nil }
      return RunPage.FailureGroup(
        reason: reasons[kind].0, remedy: reasons[kind].1, similar: kind, stores: stores)
    }
  }

  private func figures(_ number: Int, isFailed: Bool) -> StoreFigures {
    var figures = StoreFigures(format: "pickle", bytes: 500_000 + 977 * number, milliseconds: 180)
    if isFailed {
      figures.remedy = reasons[number % 3].1
      return figures
    }
    figures.storedDimensions = 2000
    guard isReduced else { return figures }
    let part = Double(number % 50) / 50
    figures.recall = RecordedRecall(
      full: 1 - 0.02 * part, neighbours: 10, queries: 40,
      scoreChange: number.isMultiple(of: 4) ? 1e-7 : 0.03 * part, cut: 0.97 - 0.2 * part,
      added: 0.98 - 0.1 * part, doubled: 0.95 - 0.1 * part,
      ranked: number.isMultiple(of: 5) ? 1 : nil, keepsOriginals: number.isMultiple(of: 5))
    return figures
  }

  private var runFigures: [String: RunFigure] {
    guard exitStatus != nil else { return [:] }
    var figures: [String: RunFigure] = [
      RunFigure.seconds: .number(90), RunFigure.jobs: .number(2),
      RunFigure.dimensions: .number(2000), RunFigure.server: .text("16.4"),
      RunFigure.pgvector: .text("0.8.0"), "table.before": .number(8192),
      "table.after": .number(32_000_000), "indexes.before": .number(16_384),
      "indexes.after": .number(41_000_000), "own.before": .number(0), "own.after": .number(9e6),
    ]
    for (stage, seconds) in [
      ("opening", 0.02), ("planning", 4.1), ("backups", 9.8), ("preparing", 0.3), ("reading", 2),
      ("fitting", 31), ("loading", 22.5), ("reading_back", 8), ("committing", 11), ("index", 19),
    ] { figures["seconds.\(stage)"] = .number(seconds) }
    return figures
  }

  private func span(_ place: Int, _ record: StoreRecord) -> StageSpan {
    StageSpan(
      store: record.name,
      startedAt: Timestamp(
        millisecondsSince1970: Self.start.millisecondsSince1970 + 16_000
          + place * 60_000 / max(1, written)),
      milliseconds: 120 + place % 7 * 40, documents: record.facts.documents, outcome: .succeeded)
  }

  private func energy(_ name: String) -> RunPage.EnergyLine {
    RunPage.EnergyLine(
      name: "\(name), 3072 to 2000, fitted to 116 rows",
      points: (0...58).map { step in
        let share = Double(step) / 58
        return .init(components: 2 * step, share: 1 - (1 - share) * (1 - share))
      })
  }
}
