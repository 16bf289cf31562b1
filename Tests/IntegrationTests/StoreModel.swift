/// What one store is, on disk, in the table and in the ledger, by rules that are written here once
/// more and know nothing of the program.
struct StoreModel: Equatable {
  /// What a row holds beside its id.
  struct Content: Equatable {
    var text: String
    var note: Int
    /// As the table has it: as wide as its column.
    var vector: [Float]
  }

  /// A document of the files; its key is its id there.
  struct Document: Equatable {
    let key: String
    var content: Content
  }

  /// The store as the ledger lists it.
  struct Entry: Equatable {
    let run: String
    /// The files that were read.
    let files: [Document]
    /// The documents that were written, by key.
    let listed: [String: Content]
  }

  /// What an entry has replaced.
  struct Replaced: Equatable {
    let run: String
    let files: [Document]
    let documents: Int
  }

  /// What the journal has last heard of it, as far as `status` tells it apart.
  enum Last: Equatable {
    case well, failed, rolledBack
    /// The run was killed: nobody knows how far its record came.
    case unknown
  }

  enum Outcome: Equatable {
    case unchanged, migrated
    /// Stopped by the plan, before a copy was made, or by the rows that it would replace.
    case stopped, refused

    var isFailure: Bool { self == .stopped || self == .refused }
  }

  var files: [Document] = []
  /// Its folder is gone: `files` is what was there last.
  var isLost = false
  /// Rows under documents' own ids, by key.
  var own: [String: Content] = [:]
  /// Rows that the application has added, by a key of theirs.
  var added: [String: Content] = [:]
  var entry: Entry?
  var replaced: Replaced?
  /// A rollback has taken it out of the ledger once.
  var isFormer = false
  /// Rows that the ledger names as standing alongside.
  var alongside: Set<String> = []
  var last: Last?

  /// Documents of the ledger whose rows are there.
  var present: [String] { entry?.listed.keys.filter { own[$0] != nil } ?? [] }

  // MARK: What commands do

  /// What `migrate` does with it.
  mutating func migrate(run: String, force: Bool, alongside isAlongside: Bool) -> Outcome {
    let outcome = carry(run: run, force: force, isAlongside: isAlongside)
    last = outcome.isFailure ? .failed : .well
    return outcome
  }

  private mutating func carry(run: String, force: Bool, isAlongside: Bool) -> Outcome {
    if let entry, !force, entry.files == files, !present.isEmpty || entry.listed.isEmpty {
      return .unchanged
    }
    let strangers = unlistedBeside(files)
    let isKnown = !present.isEmpty || isFormer
    let isStopped = repeats(of: strangers) > 0 || !isKnown && !strangers.isEmpty
    if isStopped, !isAlongside { return .stopped }
    if !force, present.contains(where: { own[$0] != entry?.listed[$0] }) { return .refused }
    if !isKnown { alongside = Set(strangers.keys) }
    if let entry {
      replaced = Replaced(run: entry.run, files: entry.files, documents: entry.listed.count)
      for key in entry.listed.keys { own[key] = nil }
    }
    if force { for document in files { own[document.key] = nil } }
    load(files, run: run)
    return .migrated
  }

  /// Rows that no ledger lists and that stand under no document's id, by key.
  private func unlistedBeside(_ files: [Document]) -> [String: Content] {
    let keys = Set(files.map(\.key))
    return own.filter { entry?.listed[$0.key] == nil && !keys.contains($0.key) }
      .merging(added) { first, _ in first }
  }

  /// How many documents without a row of theirs have the text of such a row.
  private func repeats(of strangers: [String: Content]) -> Int {
    var left: [String: Int] = [:]
    for document in files where own[document.key] == nil {
      left[document.content.text, default: 0] += 1
    }
    return strangers.values.reduce(0) { sum, row in
      guard let count = left[row.text], count > 0 else { return sum }
      left[row.text] = count - 1
      return sum + 1
    }
  }

  /// Writes documents and lists them; one that stands there otherwise stays as it is, unlisted.
  private mutating func load(_ files: [Document], run: String) {
    var listed: [String: Content] = [:]
    for document in files {
      if let standing = own[document.key], standing != document.content { continue }
      own[document.key] = document.content
      listed[document.key] = document.content
    }
    entry = Entry(run: run, files: files, listed: listed)
    alongside.subtract(listed.keys)
  }

  /// What `rollback` does with it; `restore` brings back what the run had replaced.
  mutating func rollBack(by actor: String, restore: Bool) {
    guard let entry else { return }
    let previous = restore ? replaced : nil
    for (key, content) in entry.listed where own[key] == content { own[key] = nil }
    isFormer = alongside.isEmpty
    self.entry = nil
    replaced = nil
    if let previous {
      load(previous.files, run: actor)
      last = .well
    } else {
      alongside = []
      last = .rolledBack
    }
  }

  // MARK: What commands say

  /// True where `verify` must find it as the files have it, or the backup where they are gone.
  var isVerified: Bool {
    guard let entry else { return isLost }
    let files = isLost ? entry.files : files
    let keys = Set(files.map(\.key))
    return files.allSatisfy {
      own[$0.key] == $0.content && entry.listed[$0.key] == $0.content
    } && !entry.listed.keys.contains { !keys.contains($0) && own[$0] != nil }
  }

  /// True where `status` may say that all is well with it.
  var isWell: Bool {
    last == nil || entry != nil && last != .failed && (!present.isEmpty || entry?.listed == [:])
  }
}
