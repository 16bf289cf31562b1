internal import Messages
internal import Embedding
internal import Models
internal import Ledger
internal import Migration
internal import Postgres
internal import StoreEmbedding
internal import Stores
internal import Unlisted
internal import VectorMath

extension MigrationPlan {
  /// The line that names the number of stores that are migrated at the same time; nil for one
  /// store.
  var jobsLine: Message? { jobs > 1 ? "Stores at the same time: \(jobs) (--jobs)" : nil }
}

/// Prints the plan of a live run, store by store.
struct PlanPrinter {
  let plan: MigrationPlan
  let options: MigrationOptions
  /// The amount that is said about each store.
  let detail: ReportDetail
  let say: (Message) -> Void

  /// Prints the plan; where only the summary is wanted, only what the operator has to know of single
  /// stores.
  func show() {
    if detail > .summary { showTarget() }
    for store in plan.stores { show(store) }
    if detail > .summary { showTotals() }
  }

  private func show(_ store: PlannedStore) {
    if detail == .everything || store.needsAttention {
      say("  \(store.name.description, .bold)")
      for line in lines(of: store) { say("    " + line) }
    } else if detail == .stores {
      let line = store.obstacle.map(Message.obstacle) ?? action(of: store)
      say("  \(store.name.description, .bold): " + line)
    }
  }

  /// Prints the table, and what happens to other tables.
  private func showTarget() {
    let target = plan.target
    let shape: Message =
      target.isUnsuitable
      ? "the table cannot be used as it is"
      : target.isUndecided
        ? "not to be created: no store has documents, so the dimension is not known; "
          + "--dimensions N sets it"
        : "\(target.dimensions) dimensions\(target.mustBeCreated ? ", to be created" : "")"
    say("Plan for table \(target.table.description) (" + shape + ")")
    if !target.triggers.isEmpty {
      say(
        """
        Triggers of the application that fire for what is written: \
        \(target.triggers.joined(separator: ", "))
        """)
    }
    if !target.eventTriggers.isEmpty {
      say(
        "Event triggers that fire for objects that the run creates: "
          + "\(target.eventTriggers.joined(separator: ", "))"
      )
    }
    if !target.referring.isEmpty, plan.stores.contains(where: \.isReplaced) {
      say(
        """
        Tables whose rows are deleted or changed together with documents: \
        \(target.referring.map(\.description).joined(separator: ", "))
        """)
    }
  }

  /// Prints what concerns all stores together.
  private func showTotals() {
    if plan.stores.contains(where: {
      $0.contents != nil && $0.unlisted == nil && $0.action != .leaveEmpty
    }) {
      say(
        """
        Number of rows in the stores' collections that no ledger lists: unknown, because the \
        database was not read
        """)
    }
    if let texts = plan.texts, let settings = options.newVectors?.settings {
      show(texts, settings)
    }
    if let storage = plan.modelStorage { show(storage) }
    if let line = plan.index.line { say(line) }
    if let line = plan.jobsLine { say(line) }
  }

  /// Prints the texts that a live run would send to a service, and their cost.
  private func show(_ texts: EmbeddingForecast, _ settings: EmbeddingSettings) {
    say("New vectors from \(settings.place)")
    say(
      """
        Texts: \(grouped(texts.texts)); \(grouped(texts.reused)) need no request; \
      \(grouped(texts.pending)) would be sent in about \(counted(texts.requests, "request")): \
      \(settings.amount(texts: texts.pending, bytes: texts.bytes))
      """)
    if texts.pending > 0 {
      say("  Cost: \(settings.cost(ofTexts: texts.pending, bytes: texts.bytes))")
    }
    if let forecast = LimitForecast(plan, options) {
      let verb: Message =
        forecast.stopsRun
        ? "\("A live run would stop at", .red)" : "\("A live run may stop at", .yellow)"
      say("  " + verb + " " + forecast.words)
    }
    if texts.blank > 0 {
      say(
        """
          \("Refused:", .red) \(counted(texts.blank, "text")) with nothing but white space, which no \
        service embeds
        """)
    }
  }

  private func show(_ storage: ModelStorage) {
    say(
      """
      Projections: \(counted(storage.perStore.models, "model")) of one store each, \
      \(byteSize(storage.perStore.bytes)); with --projection shared \
      \(counted(storage.shared.models, "model")), \(byteSize(storage.shared.bytes))
      """)
  }

  private func lines(of store: PlannedStore) -> [Message] {
    var lines: [Message] = []
    if let contents = store.contents {
      let kind = contents.isEncrypted ? "decrypted" : "plain"
      lines.append(
        """
        Reads \(grouped(contents.vectors)) vectors of \(contents.dimensions) dimensions, \
        \(grouped(contents.entries)) metadata entries (\(kind))
        """)
      lines += contents.findings.map { "\("Note:", .yellow) \($0)" }
    }
    if let reduction = store.reduction, let line = Self.line(of: reduction) { lines.append(line) }
    lines += store.measurement?.messages ?? []
    if let line = store.unlisted.flatMap({ Self.line(of: $0) }) { lines.append(line) }
    if let emptying = store.emptying { lines.append("\("Note:", .yellow) \(emptying)") }
    lines.append(action(of: store))
    if let removes = store.removes, removes > 0 {
      lines.append(
        "Deletes \(counted(removes, "row")) whose documents are no longer in the files")
    }
    lines += store.losses.lines()
    if let obstacle = store.obstacle { lines.append(.obstacle(obstacle)) }
    if let alternatives = store.alternatives { lines += alternatives.lines }
    return lines
  }

  private static func line(of unlisted: UnlistedRows) -> Message? {
    if unlisted.count == 0 {
      return unlisted.mayBeMore
        ? """
        Number of rows in the collection that no ledger lists: unknown, because row-level security \
        may hide them
        """ : nil
    }
    let more: Message = unlisted.mayBeMore ? ", and row-level security may hide more rows" : ""
    return """
      In the table already, in no ledger: \(counted(unlisted.count, "row")), \
      \(grouped(unlisted.equal)) with the text of a document, \
      \(grouped(unlisted.count - unlisted.equal)) with another
      """ + more
  }

  private static func line(of reduction: Reduction) -> Message? {
    switch reduction {
    case .none: nil
    case .project(.truncated, let source, let target):
      "Cuts \(source) to \(target) dimensions"
    case .project(let kind, let source, let target):
      "Reduces \(source) to \(target) dimensions by \(kind == .centered ? "centered " : "")PCA"
    case .extend(let source, let target):
      "Extends \(source) to \(target) dimensions with zeros (every similarity unchanged)"
    }
  }

  private func action(of store: PlannedStore) -> Message {
    let documents = grouped(store.contents?.documents ?? 0)
    switch store.action {
    case .insert: return "Inserts \(documents) documents" + taken(by: store)
    case .replace(let previous):
      return "Replaces \(grouped(previous)) documents of an earlier run by \(documents)"
        + taken(by: store)
    case .unchanged: return "Unchanged since it was migrated: nothing to do"
    case .leaveEmpty: return "Empty: nothing to migrate, and no table is created for it"
    case .refuse(let failure):
      let remedy = failure.remedy.map { "; \($0)" } ?? ""
      return "\("Refused:", .red) \(failure.reason)\(remedy)"
    }
  }
}

extension PlannedStore {
  /// True where the store replaces rows of an earlier run.
  fileprivate var isReplaced: Bool { if case .replace = action { true } else { false } }

  /// True where the plan says more than what is written and what fails: rows that would be deleted,
  /// rows in no ledger, or findings about the files.
  fileprivate var needsAttention: Bool {
    emptying != nil || (removes ?? 0) > 0 || !losses.isEmpty || (unlisted?.count ?? 0) > 0
      || contents?.findings.isEmpty == false
  }
}

extension Message {
  /// Creates the line about a failure at which a live run would stop.
  static func obstacle(_ failure: Failure) -> Message {
    let remedy = failure.remedy.map { "; \($0)" } ?? ""
    return "\("A live run would stop here:", .red) \(failure.reason)\(remedy)"
  }
}

extension [ReferringRows] {
  /// Creates one line for each table whose rows are deleted or changed together with documents.
  func lines(atMost: Bool = false) -> [Message] {
    map { rows in
      """
      \("Together with documents", .yellow)\(atMost ? ", at most" : ""), in \(rows.description); \
      needs --allow-loss \(References.word(rows.table))
      """
    }
  }
}

/// Returns the operator's choice about rows that no ledger lists, in words; empty where there are
/// no such rows.
private func taken(by store: PlannedStore) -> Message {
  guard let unlisted = store.unlisted, unlisted.count > 0 else { return "" }
  return switch unlisted.choice {
  case .stop: ""
  case .alongside: ", beside the existing rows"
  case .adopt where store.repeats: ", taking over existing rows with the same texts"
  case .adopt: ", \(grouped(unlisted.doubled)) of them by taking over existing rows"
  }
}

extension Alternatives {
  /// The table of storage methods, each with its recall, its size, and the options that choose it.
  fileprivate var lines: [Message] {
    if let skipped { return ["Alternatives were not measured: \(skipped)"] }
    var table = Table([
      .left("METHOD"), .right("RECALL@10"), .right("BYTES/ROW"), .right("INDEXED"),
      .left("CHOSEN BY"),
    ])
    for way in ways {
      table.append([
        "\(way.method.title) \(way.dimensions)", "\(way.recall.shown(digits: 3))",
        "\(grouped(way.bytesPerRow))", "\(grouped(way.indexedBytesPerRow))", way.method.option,
      ])
    }
    return [
      """
      Alternatives, measured with \(queries) queries on \(grouped(sampleRows)) of \
      \(grouped(rows)) rows:
      """
    ] + table.lines().map { "  " + $0 }
  }
}

extension StorageMethod {
  /// The name of the method for people.
  fileprivate var title: Message {
    switch self {
    case .projected: "PCA"
    case .truncated: "truncate"
    case .halfPrecision: "halfvec"
    case .reranked: "PCA + re-rank"
    }
  }

  /// The options that choose the method.
  fileprivate var option: Message {
    switch self {
    case .projected: "--reduce pca --keep-original never"
    case .truncated: "--reduce truncate"
    case .halfPrecision: "--reduce none, and an index on embedding::halfvec"
    case .reranked: "--reduce pca --keep-original always"
    }
  }
}
