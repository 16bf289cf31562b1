internal import Messages
internal import Doctor
internal import Embedding
internal import Models
internal import Ledger
internal import Migration
internal import StoreEmbedding
internal import Stores
internal import Synchronization
internal import Unlisted
internal import VectorMath

/// Prints a run for people: the report on standard output, progress on standard error.
final class MigrationPrinter: Sendable {
  private struct State {
    /// The amount that is said about each store.
    var detail = ReportDetail.everything
    /// The warnings that were printed; each is printed only once.
    var reported: Set<String> = []
    /// For each store, the line that is printed once the store's model is measured.
    var postponed: [StoreName: Message] = [:]
  }

  private let options: MigrationOptions
  private let database: String
  private let console: Console
  private let printsReport: Bool
  private let isQuiet: Bool
  private let verbosity: Int
  private let indexPrinter: IndexPrinter
  private let display: RunDisplay
  private let state = Mutex(State())

  /// Creates a printer.
  ///
  /// - Parameters:
  ///   - printsReport: false where the result is one JSON document.
  ///   - isQuiet: true where only problems and the summary are printed.
  ///   - verbosity: the number of times that `--verbose` is given.
  init(
    options: MigrationOptions, database: String, console: Console, printsReport: Bool,
    isQuiet: Bool, verbosity: Int
  ) {
    self.isQuiet = isQuiet
    self.verbosity = verbosity
    self.options = options
    self.database = database
    self.console = console
    display = RunDisplay(on: console.diagnostics)
    self.printsReport = printsReport
    indexPrinter = IndexPrinter(console: console, isSilent: !printsReport || isQuiet)
  }

  /// Prints the heading of the report.
  func begin() {
    sayUnlessQuiet("Vector Store Migration to PostgreSQL")
    if let place = options.place {
      sayUnlessQuiet("From: \(place.path), stores of the user \(place.user)")
    } else {
      sayUnlessQuiet("User data directory: \(options.userDataDirectory)")
    }
    sayUnlessQuiet("Backup directory: \(options.backupDirectory)")
    sayUnlessQuiet("Mode: \(options.mode == .live ? "LIVE MIGRATION" : "DRY RUN")")
    sayUnlessQuiet("Database: \(database)")
    sayUnlessQuiet()
  }

  /// Shows the progress that an event tells, at the moment of the event.
  func follow(_ event: MigrationEvent) { display.follow(event) }

  /// Prints an event that occurs during the run.
  func handle(_ event: MigrationEvent) {
    switch event {
    case .databaseUnreachable(let reason):
      console.diagnostics.warn(
        """
        the database was not read: \(reason); its contents are not known, and every store counts \
        as new
        """)
    case .examined(let finding):
      console.diagnostics.warn("\(finding.check): \(finding.text)")
      if let remedy = finding.remedy { console.diagnostics.note("  Remedy: \(remedy)") }
    case .found(let stores): found(stores)
    case .begun, .examining, .fetchProgress, .storeProgress: break
    case .planned(let plan):
      if options.mode == .dryRun {
        PlanPrinter(
          plan: plan, options: options, detail: state.withLock(\.detail), say: say
        ).show()
      } else if let line = plan.jobsLine {
        sayUnlessQuiet(line)
      }
    case .backupsStarted(let directory):
      sayUnlessQuiet("Creating backups in \(directory)...")
    case .backupCreated(_, let folder):
      sayDetail("  Backup created: \(folder)")
    case .fetchStarted:
      sayUnlessQuiet(
        """
        Embedding the texts with \(options.newVectors?.settings.place ?? "the service"), where the \
        cache has no vectors of them...
        """)
    case .fetchEnded(let usage, let failed):
      if let settings = options.newVectors?.settings {
        sayUnlessQuiet("  " + usage.message(settings))
      }
      if failed > 0 {
        console.diagnostics.warn("\(counted(failed, "store")) did not get all vectors")
      }
    case .embedding(let event):
      console.diagnostics.report(event)
    case .overlapMeasured(_, let overlap): sayDetail("  " + overlap.message)
    case .storeStarted(let store): started(store)
    case .storeOpened(let store, let contents): opened(store, contents)
    case .modelFitting(_, let kind, let source, let target):
      sayDetail("  \(kind.action) to reduce from \(source) to \(target) dimensions...")
    case .sharedModelReady(let model, let population, let place):
      sharedModel(model, population: population, place: place)
    case .sharedModelUsed(_, let source, let target):
      sayDetail("  Reducing from \(source) to \(target) dimensions by the shared PCA model...")
    case .modelFitted(let store, let model, let place): fitted(store, model, place: place)
    case .addedConverted(_, let documents):
      sayDetail("  Converted \(counted(documents, "document")) of the application to the new model")
    case .originalsDeleted(_, let count):
      sayDetail(
        "  Deleted \(counted(count, "original")) of documents that the application has added")
    case .storeWriting(let store, let documents, let isMeasured):
      writing(store, documents: documents, isMeasured: isMeasured)
    case .loadedAgain(let store, let keepsOriginals):
      state.withLock { $0.postponed[store.name] = nil }
      sayDetail(
        keepsOriginals
          ? "  Loading again, with originals: all rows were measured, and searches need originals"
          : "  Loading again, without originals: originals help no search, or cannot be stored"
      )
    case .server(let event):
      console.report(event)
    case .connectionRefused(let failure):
      console.diagnostics.warn("fewer stores at the same time than requested: \(failure.reason)")
    case .setUpRetried(let failure, let seconds):
      console.diagnostics.warn(
        "\(failure.reason); trying again in \(seconds.shown(digits: 1)) seconds")
    case .storeRetried(let store, let failure, let seconds):
      console.diagnostics.warn(
        """
        \(store.name.description): \(failure.reason); trying again in \
        \(seconds.shown(digits: 1)) seconds
        """)
    case .storeTaken(let store, let holder, let isWaitedFor):
      console.diagnostics.warn(
        """
        \(store.name.description): \(holder); \
        \(isWaitedFor ? "waiting for it" : "returning to it") when all other stores are done
        """)
    case .storeFinished(let result): finished(result)
    case .indexPlanned(let plan):
      sayUnlessQuiet()
      indexPrinter.show(plan)
    case .indexing(let event): indexPrinter.handle(event)
    }
  }

  /// Removes the progress lines after an error has ended the run.
  func abandon() {
    display.end()
    indexPrinter.endProgress()
  }

  /// Prints the summary of the run and the verdict.
  func finish(_ report: MigrationReport, journalGap: String?) {
    display.end()
    indexPrinter.show(report.index)
    if let advice = report.searchAdvice {
      sayUnlessQuiet()
      sayUnlessQuiet(advice.message)
    }
    MigrationSummary(
      report: report, mode: options.mode, limit: LimitForecast(report.plan, options),
      journalGap: journalGap,
      groupsFailures: state.withLock(\.detail) < .everything, say: say
    ).show()
  }

  private func found(_ stores: [FoundStore]) {
    let detail = ReportDetail(isQuiet: isQuiet, verbosity: verbosity, stores: stores.count)
    state.withLock { $0.detail = detail }
    sayUnlessQuiet(
      "Found \(stores.count) vector store(s) to migrate\(detail == .everything ? ":" : "")")
    for store in stores { sayDetail("  - \(store.name.description)") }
    sayUnlessQuiet()
  }

  private func started(_ store: PlannedStore) {
    sayDetail()
    sayDetail("Migrating store: \(store.name.description)")
    sayDetail("  Path: \(store.store.path)")
    if case .replace(let previous) = store.action {
      sayDetail("  Replacing \(counted(previous, "document")) of an earlier run")
    }
    if let emptying = store.emptying {
      console.diagnostics.warn("\(store.name.description): \(emptying)")
    }
  }

  private func opened(_ store: PlannedStore, _ contents: StoreContents) {
    if let settings = options.newVectors?.settings {
      sayDetail("  Loaded \(contents.documents) vectors of \(settings.origin.words)")
    } else {
      sayDetail(
        "  Loaded \(contents.vectors) vectors from \(store.store.vectorsFile ?? "its files")")
    }
    sayDetail(
      "  Loaded \(contents.entries) metadata entries\(contents.isEncrypted ? " (decrypted)" : "")")
    warn(of: contents, store.name)
    if case .extend(let source, let target) = store.reduction {
      sayDetail(
        "  Extending \(source) to \(target) dimensions with zeros (every similarity unchanged)")
    }
  }

  private func sharedModel(_ model: Projection, population: Int?, place: String?) {
    let shape = "\(model.inputDimensions) to \(model.outputDimensions) dimensions"
    guard let population else {
      return sayUnlessQuiet("Using the shared PCA model from \(shape)")
    }
    sayUnlessQuiet(
      """
      Fitted a shared PCA model from \(shape) to \(grouped(model.fittedRows)) of \
      \(grouped(population)) vectors
      """)
    if let place { sayUnlessQuiet("  Saved PCA model to \(place)") }
  }

  /// Warns of each finding about a store once.
  ///
  /// Some findings are known when the store is opened, others after its rows were read.
  private func warn(of contents: StoreContents, _ store: StoreName) {
    for finding in contents.findings {
      let warning = "\(store.description): \(finding)"
      if state.withLock({ $0.reported.insert(warning).inserted }) {
        console.diagnostics.warn("\(warning)")
      }
    }
  }

  private func fitted(_ store: PlannedStore, _ model: FittedModel, place: String?) {
    if let place { sayDetail("  Saved PCA model to \(place)") }
    for line in model.measurement.messages { sayDetail("  " + line) }
    if let line = state.withLock({ $0.postponed.removeValue(forKey: store.name) }) {
      sayDetail(line)
    }
  }

  private func writing(_ store: PlannedStore, documents: Int, isMeasured: Bool) {
    // How many documents already have a row is known only after all have been compared.
    let count = counted(documents, "document")
    var line: Message = "  Adding \(count) to PostgreSQL..."
    if options.unlisted == .adopt {
      line = "  Adding \(count) to PostgreSQL, or taking over existing rows..."
    } else if case .replace = store.action {
      line = "  Comparing \(count) with PostgreSQL, adding and changing what differs..."
    }
    // The lines of a report have one order, whenever the model is measured.
    if isMeasured { state.withLock { $0.postponed[store.name] = line } } else { sayDetail(line) }
  }

  private func finished(_ result: StoreResult) {
    switch result.outcome {
    case .planned: break
    case .migrated(let documents):
      if let contents = result.contents { warn(of: contents, result.name) }
      sayDetail("  Verified \(counted(documents, "document")): every row read back as it was sent")
      sayStore(
        "\(result.name.description): \(counted(documents, "document")) migrated and verified")
      kept(result)
      beside(result)
      for rows in result.losses {
        console.diagnostics.warn(
          "\(result.name.description): together with its documents, in \(rows.description)")
      }
    case .unchanged(let missing): unchanged(result, missing: missing)
    case .empty:
      if options.mode == .live {
        sayEach("\(result.name.description): it holds no documents, nothing was written")
      }
    case .failed(let failure): failed(result, failure)
    }
  }

  private func kept(_ result: StoreResult) {
    guard result.kept.count > 0 else { return }
    console.diagnostics.warn(
      """
      \(result.name.description): \(counted(result.kept.count, "document")) stay as the \
      application left them (\(result.kept.summary)); --force replaces them with what the files hold
      """)
  }

  /// Reports what was done with rows of the table that no ledger listed.
  private func beside(_ result: StoreResult) {
    let report = result.adoption
    if report.kept + report.replaced > 0 {
      sayDetail(
        """
          Took over \(counted(report.kept + report.replaced, "row")) that \
        \(report.kept + report.replaced == 1 ? "was" : "were") in the table already: \
        \(grouped(report.kept)) as they were, \(grouped(report.replaced)) with vector or metadata \
        replaced
        """)
    }
    if report.released > 0 {
      console.diagnostics.warn(
        """
        \(result.name.description): \(counted(report.released, "row")) that an earlier run had taken \
        over were restored to their earlier contents: the files have no document for them any more
        """)
    }
    if report.alongside > 0 {
      console.diagnostics.warn(
        """
        \(result.name.description): \(counted(report.alongside, "row")) in no ledger \
        \(report.alongside == 1 ? "stays" : "stay") in the table; no model is known for their \
        vectors
        """)
    }
    if report.duplicates > 0 {
      let are: Message =
        report.duplicates == 1 ? "1 of these has" : "\(report.duplicates) of these have"
      console.diagnostics.warn(
        """
        \(result.name.description): \(are) the text of a document that has another row: such texts \
        are in the table twice
        """)
    }
  }

  private func unchanged(_ result: StoreResult, missing: Int) {
    if options.mode == .live {
      sayEach("\(result.name.description): unchanged since it was migrated")
    }
    guard missing > 0 else { return }
    console.diagnostics.warn(
      """
      \(result.name.description): \(missing) of its documents have been deleted from the table \
      since; --force restores them
      """)
  }

  private func failed(_ result: StoreResult, _ failure: Failure) {
    guard options.mode == .live else { return }
    switch state.withLock(\.detail) {
    case .summary: break
    case .failures, .stores:
      say("\("Failed:", .red) \(result.name.description): \(failure.reason)")
    case .everything:
      say("\("Failed:", .red) \(result.name.description)")
      say("  Reason: \(failure.reason)")
      if let remedy = failure.remedy { say("  Remedy: \(remedy)") }
    }
  }

  /// Prints a line of a store where all lines are printed.
  private func sayDetail(_ message: Message = "") {
    if state.withLock(\.detail) == .everything { say(message) }
  }

  /// Prints the line of a store where each store has one line.
  private func sayStore(_ message: Message) {
    if state.withLock(\.detail) == .stores { say(message) }
  }

  /// Prints a store's only line, where all stores have lines.
  private func sayEach(_ message: Message) {
    if state.withLock(\.detail) >= .stores { say(message) }
  }

  private func sayUnlessQuiet(_ message: Message = "") {
    if !isQuiet { say(message) }
  }

  private func say(_ message: Message = "") {
    if printsReport { console.printWords(message) }
  }
}

extension Projection.Kind {
  /// The work that makes a projection of this kind, in words.
  var action: Message {
    switch self {
    case .uncentered: "Fitting PCA model"
    case .centered: "Fitting centered PCA model"
    case .truncated: "Cutting vectors"
    }
  }
}
