/// The expected state of one store on the disk, in the table and in the ledger, by rules that are
/// written here without the program's code.
struct StoreModel: Equatable {
  /// The contents of a row without its id.
  struct Content: Equatable {
    var text: String
    var note: Int
    /// The vector as in the table, with all dimensions of the column.
    var vector: [Float]
  }

  /// A document of the files; the key is the document's id in the files.
  struct Document: Equatable {
    let key: String
    var content: Content
  }

  /// The ledger's entry of the store.
  struct Entry: Equatable {
    let run: String
    /// The documents of the files that the run has read.
    let files: [Document]
    /// The contents that were written, by the document's key.
    let listed: [String: Content]
  }

  /// The state that an entry has replaced.
  struct Replaced: Equatable {
    let run: String
    let files: [Document]
    let documents: Int
  }

  /// The last outcome in the journal, as far as `status` distinguishes outcomes.
  enum Last: Equatable {
    case well, failed, rolledBack
    /// The run was killed: its record may be incomplete.
    case unknown
  }

  enum Outcome: Equatable {
    case unchanged, migrated
    /// The store was stopped by the plan before a copy was made, or by the rows that it would
    /// replace.
    case stopped, refused

    var isFailure: Bool { self == .stopped || self == .refused }
  }

  var files: [Document] = []
  /// True where the store's folder was deleted; `files` then has its last documents.
  var isLost = false
  /// The rows that have the own ids of documents, by the document's key.
  var own: [String: Content] = [:]
  /// The rows that the application has added, each by a key of its own.
  var added: [String: Content] = [:]
  var entry: Entry?
  var replaced: Replaced?
  /// True where a rollback has once removed the store from the ledger.
  var isFormer = false
  /// The rows that the ledger names as alongside the store.
  var alongside: Set<String> = []
  var last: Last?

  /// The documents of the ledger whose rows exist.
  var present: [String] { entry?.listed.keys.filter { own[$0] != nil } ?? [] }

  // MARK: What commands do

  /// Changes the store as `migrate` does; returns the outcome.
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

  /// Returns the rows that the ledger does not list and that have no document's id, by key.
  private func unlistedBeside(_ files: [Document]) -> [String: Content] {
    let keys = Set(files.map(\.key))
    return own.filter { entry?.listed[$0.key] == nil && !keys.contains($0.key) }
      .merging(added) { first, _ in first }
  }

  /// Returns the number of documents without a row that have the text of one of these rows.
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

  /// Writes documents and lists them; a row that exists with other contents stays unchanged and is
  /// not listed.
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

  /// Changes the store as `rollback` does; with `restore`, the state that the run has replaced is
  /// restored.
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

  /// True where `verify` must find the store equal to its files, or to the backup where the files
  /// are lost.
  var isVerified: Bool {
    guard let entry else { return isLost }
    let files = isLost ? entry.files : files
    let keys = Set(files.map(\.key))
    return files.allSatisfy {
      own[$0.key] == $0.content && entry.listed[$0.key] == $0.content
    } && !entry.listed.keys.contains { !keys.contains($0) && own[$0] != nil }
  }

  /// True where `status` may report no problem of the store.
  var isWell: Bool {
    last == nil || entry != nil && last != .failed && (!present.isEmpty || entry?.listed == [:])
  }
}
