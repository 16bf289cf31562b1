internal import Embedding
internal import Messages
internal import Ledger
internal import Stores
internal import Synchronization
internal import Verification

/// Prints a verification for people: results on standard output, progress on standard error.
final class VerificationPrinter: Sendable {
  private let console: Console
  private let isSilent: Bool
  private let isQuiet: Bool
  private let verbosity: Int
  private let progress: ProgressPlace
  private let detail = Mutex(ReportDetail.everything)

  /// Creates a printer.
  ///
  /// - Parameters:
  ///   - isSilent: true where the result is one JSON document.
  ///   - isQuiet: true where only problems and the summary are printed.
  ///   - verbosity: the number of times that `--verbose` is given.
  init(console: Console, isSilent: Bool, isQuiet: Bool, verbosity: Int) {
    self.isQuiet = isQuiet
    self.verbosity = verbosity
    self.console = console
    progress = ProgressPlace(on: console.diagnostics)
    self.isSilent = isSilent
  }

  /// Prints the heading of the report.
  func begin(database: String) {
    guard !isQuiet else { return }
    say("Verification of stores in PostgreSQL")
    say("Database: \(database)")
    say()
  }

  /// Prints an event that occurs during the verification.
  func handle(_ event: VerificationEvent) {
    switch event {
    case .selected(let stores):
      let chosen = ReportDetail(isQuiet: isQuiet, verbosity: verbosity, stores: stores)
      detail.withLock { $0 = chosen }
    case .server(let event):
      endProgress()
      console.report(event)
    case .retried(let name, let failure, let seconds):
      endProgress()
      console.diagnostics.warn(
        """
        \(name.description): \(failure.reason); trying again in \(seconds.shown(digits: 1)) seconds
        """)
    case .started(let name, let documents):
      endProgress()
      progress.begin(
        "  \(name.description)", total: documents, unit: .things("documents"))
    case .progress(_, let documents): progress.current?.update(to: documents)
    case .asking(let name, let origin, let texts):
      endProgress()
      console.diagnostics.note(
        """
        \(name.description): sending \(counted(texts, "text")) to \(origin.provider.title) at \
        \(origin.destination)
        """)
    case .embedding(let event):
      endProgress()
      console.diagnostics.report(event)
    case .finished(let store): finished(store)
    }
  }

  /// Prints the summary of the verification.
  func finish(_ report: VerificationReport) {
    say()
    for warning in report.warnings { say("⚠️ \(warning)") }
    if let usage = report.usage { say(usage.message(of: "the service")) }
    say("Verified: \(report.verified) of \(counted(report.stores.count, "store"))")
    if report.wasInterrupted {
      say("Interrupted: the other stores were not compared.")
    } else if let outage = report.outage {
      let failed = report.stores.count { $0.failure != nil }
      if !report.notBegun.isEmpty { say("Not begun: \(report.notBegun.count)") }
      for line in report.notBegun.lines { say(line) }
      for line in outage.verdict(failed: failed, notBegun: report.notBegun) { say(line) }
    } else if report.verified < report.stores.count {
      say("❌ \(counted(report.stores.count - report.verified, "store")) not verified")
      if report.notMigrated > 0 {
        say("   \(grouped(report.notMigrated)) of them not in the database at all")
      }
    } else {
      sayVerified(report)
    }
  }

  /// Prints the kind of files that the database was compared with, and the checks that were left
  /// out.
  private func sayVerified(_ report: VerificationReport) {
    let documents = report.stores.reduce(0) { $0 + ($1.counts.source ?? 0) }
    guard documents > 0 else {
      return say("Nothing was compared: the stores have no documents")
    }
    let copies = report.stores.count { if case .backup = $0.reference { true } else { false } }
    let verdict: Message =
      if copies == 0 {
        "The database holds the same as the files"
      } else if copies == report.stores.count {
        "The database holds the same as the backups"
      } else {
        "The database holds the same as the files, or for \(counted(copies, "store")) as the "
          + "backups"
      }
    if report.alongside == 0 {
      say("✅ " + verdict)
    } else {
      say(
        "⚠️ " + verdict
          + ", and in addition \(counted(report.alongside, "row")) that no ledger lists")
    }
    let partial = report.stores.count { !$0.notLookedAt.isEmpty }
    if partial > 0 {
      say(
        "   Not everything was checked in \(counted(partial, "store")): see the entries of these "
          + "stores"
      )
    }
  }

  private func endProgress() {
    progress.end()
  }

  private func finished(_ store: StoreVerification) {
    endProgress()
    let verdict: Message =
      switch store.outcome {
      case .verified: "\("verified", .green)"
      case .different: "\("DIFFERENT", .red)"
      case .notMigrated: "\("NOT MIGRATED", .red)"
      case .failed: "\("FAILED", .red)"
      }
    let detail = detail.withLock(\.self)
    if store.outcome == .verified, detail < .everything {
      let hasRemark =
        !store.notLookedAt.isEmpty || store.counts.alongside + store.counts.doubles > 0
      if detail == .stores || hasRemark { say("\(store.name.description): " + verdict) }
      if hasRemark { counts(store) }
      for part in store.notLookedAt { say("  \("Not checked:", .yellow) \(part)") }
      for note in store.notes { console.diagnostics.warn("\(store.name.description): \(note)") }
      return
    }
    say("\(store.name.description): " + verdict)
    if let absence = store.absence {
      say("  Reason: \(absence)")
      if let refusal = store.refusal {
        say("  migrate would refuse this store: \(refusal.reason)")
        if let remedy = refusal.remedy { say("  Remedy: \(remedy)") }
      } else {
        say("  Remedy: run vector-ferry migrate")
      }
      return
    }
    switch store.reference {
    case .source(let path): say("  Compared with \(path)")
    case .backup(let path): say("  Compared with the backup \(path)")
    case nil: break
    }
    if case .failed(let failure) = store.outcome {
      say("  Reason: \(failure.reason)")
      if let remedy = failure.remedy { say("  Remedy: \(remedy)") }
      return
    }
    counts(store)
    for part in store.notLookedAt { say("  \("Not checked:", .yellow) \(part)") }
    for problem in store.problems { say("  \("Differs:", .red) \(problem)") }
    differences(store.differences)
    for note in store.notes { console.diagnostics.warn("\(store.name.description): \(note)") }
  }

  private func counts(_ store: StoreVerification) {
    let counts = store.counts
    say(
      """
        Documents: \(counts.source.map { grouped($0) } ?? "not counted") in the files, \(grouped(counts.ledger)) in the \
      ledger, \(grouped(counts.table)) in the table
      """)
    if counts.roundedVectors > 0 {
      say(
        """
          Vectors: \(grouped(counts.exactVectors)) bit for bit, \
        \(grouped(counts.roundedVectors)) within rounding
        """)
    } else if counts.exactVectors > 0 {
      say("  Vectors: \(grouped(counts.exactVectors)) bit for bit")
    }
    if counts.halvedVectors > 0 {
      say("  Vectors: \(grouped(counts.halvedVectors)) computed from kept originals")
    }
    if counts.originals > 0 {
      say("  Originals: \(grouped(counts.originals)) as the files have them, in half precision")
    }
    if counts.adopted > 0 {
      say("  Taken over from an earlier program: \(grouped(counts.adopted))")
    }
    if counts.alongside > 0 {
      say("  \("In the table, in no ledger:", .yellow) \(grouped(counts.alongside))")
    }
    if counts.doubles > 0 {
      say(
        """
          \("In the table more than once:", .yellow) \(counted(counts.doubles, "row")) in no \
          ledger with \
        the text of a document
        """)
    }
    if counts.added > 0 { say("  Added by the application: \(grouped(counts.added))") }
    if let service = store.service, let farthest = service.farthest {
      let repeats: Message =
        service.repeats.map { "; the service repeats itself within \($0.shown(digits: 6))" } ?? ""
      say(
        """
          Asked again for \(counted(service.compared, "text")): cosine distance \
        \(farthest.shown(digits: 6)) at most
        """ + repeats)
    }
    guard let recall = store.recall else { return }
    say(
      """
        Recall@\(recall.neighbours) through PostgreSQL: \(recall.recall.shown(digits: 3)) \
      (\(counted(recall.queries, "query", "queries")))
      """)
    if let cut = recall.cutRecall {
      say(
        "  Recall@\(recall.neighbours) \(cut.shown(digits: 3)) for queries cut to their first numbers"
      )
    }
    let measured = recall.recorded?.asMeasuredByRun ?? []
    if !measured.isEmpty {
      say(
        "  As the run measured it: recall@\(recall.neighbours) "
          + measured.joined(separator: ", "))
    }
  }

  private func differences(_ list: DifferenceList) {
    guard list.count > 0 else { return }
    let kinds = DocumentDifference.Kind.allCases.compactMap { kind -> Message? in
      list.tally[kind].map { "\(grouped($0)) \(kind.rawValue)" }
    }
    say("  \("Differs:", .red) " + kinds.joined(separator: ", "))
    for difference in list.first.prefix(20) {
      let place = difference.position.map { " (position \($0))" } ?? ""
      let parts =
        difference.isWithinRounding
        ? "vector (within rounding)" : difference.parts.map(\.rawValue).joined(separator: ", ")
      say(
        """
            \(difference.kind.rawValue) \(difference.id)\(place)\(parts.isEmpty ? "" : ": \(parts)")
        """)
    }
    if list.count > 20 { say("    … and \(grouped(list.count - 20)) more") }
  }

  private func say(_ message: Message = "") {
    if !isSilent { console.printWords(message) }
  }
}
