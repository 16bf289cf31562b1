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
  /// The line that says how many stores are migrated at the same time; nil where one is.
  var jobsLine: Message? { jobs > 1 ? "Stores at the same time: \(jobs) (--jobs)" : nil }
}

/// Prints the plan of a live run, store by store.
struct PlanPrinter {
  let plan: MigrationPlan
  let options: MigrationOptions
  let say: (Message) -> Void

  /// Prints the plan.
  func show() {
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
    for store in plan.stores {
      say("  \(store.name.description, .bold)")
      for line in lines(of: store) { say("    " + line) }
    }
    if plan.stores.contains(where: {
      $0.contents != nil && $0.unlisted == nil && $0.action != .leaveEmpty
    }) {
      say("Rows in the table that no ledger lists: unknown, because the database was not read")
    }
    if let texts = plan.texts, let settings = options.newVectors?.settings {
      show(texts, settings)
    }
    if let storage = plan.modelStorage { show(storage) }
    if let line = plan.index.line { say(line) }
    if let line = plan.jobsLine { say(line) }
  }

  /// Prints what a live run would send to a service, and what that costs.
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
        ? "Rows in the table that no ledger lists: unknown, row-level security may hide them" : nil
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
  /// True where rows of an earlier run are replaced.
  fileprivate var isReplaced: Bool { if case .replace = action { true } else { false } }
}

extension Message {
  /// Creates the line about a failure that prevents a store from being written or rolled back.
  static func obstacle(_ failure: Failure) -> Message {
    let remedy = failure.remedy.map { "; \($0)" } ?? ""
    return "\("A live run would stop here:", .red) \(failure.reason)\(remedy)"
  }
}

extension [ReferringRows] {
  /// Creates one line for each table whose rows are deleted or changed with the documents.
  func lines(atMost: Bool = false) -> [Message] {
    map { rows in
      """
      \("Together with documents", .yellow)\(atMost ? ", at most" : "") in \(rows.description); \
      needs --allow-loss \(References.word(rows.table))
      """
    }
  }
}

/// Says what the operator has decided about rows that no ledger lists; empty where there are none.
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
  /// The table of the possible methods, each with its recall, its size, and the options that choose
  /// it.
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
