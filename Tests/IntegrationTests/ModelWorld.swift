import Foundation
import Postgres
import TestSupport

/// The program with its database and folders, and the model of them.
///
/// The model does not know the ids of rows: the first reading records each id, and later readings
/// must find the same id.
final class ModelWorld {
  /// A difference between the program's state and the model.
  struct Disagreement: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// A run in the ledger.
  struct Run: Equatable {
    let id: String
    var undoneRun: String?
    /// True where the run has rolled back rows, and not only files.
    var tookRows = false
    var isFinished = true
  }

  static let width = 8
  /// The name of each store and the number of dimensions of its vectors; shorter vectors than the
  /// column's are extended with zeros.
  static let widths: [(name: String, dimensions: Int)] = [
    ("ann/notes", 8), ("bob/notes", 8), ("bob/tasks", 5), ("cid/notes", 8),
  ]

  let ferry: Ferry
  var stores: [String: StoreModel] = [:]
  /// The runs of the ledger, oldest first.
  var runs: [Run] = []
  /// The documents of each store in the backup of each run.
  var backups: [String: [String: [StoreModel.Document]]] = [:]
  /// The ids of documents' rows, by store and key.
  private var ids: [String: String] = [:]
  private var nextKey = 0
  /// The number of processes that were killed while they ran.
  private(set) var kills = 0

  var names: [String] { Self.widths.map(\.name) }

  init() throws {
    ferry = try Ferry()
    var generator = SeededGenerator(seed: 1)
    for (name, dimensions) in Self.widths {
      stores[name] = StoreModel(
        files: (0..<4).map { _ in document(dimensions, &generator) })
      try writeFiles(of: name)
    }
  }

  // MARK: Files

  /// Returns a new document; some texts occur more than once.
  func document(_ dimensions: Int, _ generator: inout SeededGenerator) -> StoreModel.Document {
    nextKey += 1
    return StoreModel.Document(
      key: "d\(nextKey)", content: content(dimensions, number: nextKey, &generator))
  }

  func content(_ dimensions: Int, number: Int, _ generator: inout SeededGenerator)
    -> StoreModel.Content
  {
    let vector = (0..<dimensions).map { _ in Float.random(in: -1...1, using: &generator) }
    return StoreModel.Content(
      text: "Text \(number), naïve 🦊", note: Int.random(in: 0..<1000, using: &generator),
      vector: vector + Array(repeating: 0, count: Self.width - dimensions))
  }

  private func dimensions(of name: String) -> Int {
    Self.widths.first { $0.name == name }?.dimensions ?? Self.width
  }

  private func folder(of name: String) -> String {
    let parts = name.split(separator: "/")
    return "user_data/\(parts[0])/vector_store_\(parts[1])"
  }

  /// Returns the bytes of the two files with these documents.
  private func bytes(_ documents: [StoreModel.Document], of name: String) throws
    -> (vectors: [UInt8], metadata: [UInt8])
  {
    let dimensions = dimensions(of: name)
    let rows = documents.map { $0.content.vector.prefix(dimensions).map(Double.init) }
    let entries = documents.map { document -> [String: Any] in
      [
        "id": document.key, "key": document.key, "note": document.content.note,
        "text": document.content.text,
      ]
    }
    let json = try JSONSerialization.data(withJSONObject: entries, options: [.sortedKeys])
    return (Ferry.pickle(rows), [UInt8](json))
  }

  func writeFiles(of name: String) throws {
    stores[name]?.isLost = false
    let (vectors, metadata) = try bytes(stores[name]?.files ?? [], of: name)
    try ferry.folder.write(vectors, to: "\(folder(of: name))/vectors.pkl")
    try ferry.folder.write(metadata, to: "\(folder(of: name))/metadata.json")
  }

  /// The stores that have files.
  var onDisk: [String] { names.filter { stores[$0]?.isLost == false } }

  func removeFiles(of name: String) throws {
    if stores[name]?.isLost == true { return }
    stores[name]?.isLost = true
    try FileManager.default.removeItem(atPath: ferry.folder.file(folder(of: name)))
  }

  private func checkFiles() throws {
    for name in names {
      if stores[name]?.isLost == true {
        let path = ferry.folder.file(folder(of: name))
        guard !FileManager.default.fileExists(atPath: path) else {
          throw Disagreement("\(path) is there again")
        }
        continue
      }
      let (vectors, metadata) = try bytes(stores[name]?.files ?? [], of: name)
      for (file, wanted) in [("vectors.pkl", vectors), ("metadata.json", metadata)] {
        let path = ferry.folder.file("\(folder(of: name))/\(file)")
        guard FileManager.default.contents(atPath: path) == Data(wanted) else {
          throw Disagreement("\(folder(of: name))/\(file) is not what it should be")
        }
      }
    }
  }

  // MARK: The database

  /// The rows of a store in the table: key, id and content.
  private struct Row {
    let key: String
    let id: String
    let content: StoreModel.Content
  }

  private func rows(_ connection: Connection) throws -> [String: [Row]] {
    let found = try connection.query(
      """
      SELECT user_id::text || '/' || collection_name::text, id::text, text, metadata->>'key',
             (metadata->>'note')::int8, embedding::text,
             metadata = jsonb_build_object('key', metadata->'key', 'note', metadata->'note')
      FROM vector_documents
      """)
    var rows: [String: [Row]] = [:]
    for row in 0..<found.rowCount {
      let numbers: String = try found.value(row, 5)
      guard try found.value(row, 6, as: Bool.self) else {
        throw Disagreement("metadata of row \(try found.value(row, 1, as: String.self)) grew")
      }
      rows[try found.value(row, 0), default: []].append(
        Row(
          key: try found.value(row, 3), id: try found.value(row, 1),
          content: StoreModel.Content(
            text: try found.value(row, 2), note: try found.value(row, 4),
            vector: numbers.dropFirst().dropLast().split(separator: ",").compactMap {
              Float($0)
            })))
    }
    return rows
  }

  /// Compares the table and the ledger with the model, row by row.
  private func checkDatabase() throws {
    let connection = try ferry.database.connect()
    let found = try rows(connection)
    if let stranger = found.keys.first(where: { stores[$0] == nil }) {
      throw Disagreement("rows of \(stranger), which nobody has")
    }
    for name in names {
      guard let store = stores[name] else { continue }
      try check(found[name] ?? [], of: name, store)
    }
    try checkLedger(connection)
  }

  private func check(_ rows: [Row], of name: String, _ store: StoreModel) throws {
    var seen: Set<String> = []
    for row in rows {
      guard seen.insert(row.key).inserted else {
        throw Disagreement("\(name) has \(row.key) twice")
      }
      guard let wanted = store.own[row.key] ?? store.added[row.key] else {
        throw Disagreement("\(name) has a row \(row.key) that should not be there")
      }
      guard row.content == wanted else {
        throw Disagreement("\(name), \(row.key): found \(row.content), should be \(wanted)")
      }
      let place = "\(name) \(row.key)"
      if let known = ids[place], known != row.id {
        throw Disagreement("\(place) had the id \(known), now \(row.id)")
      }
      ids[place] = row.id
    }
    let wanted = Set(store.own.keys).union(store.added.keys)
    if let lost = wanted.subtracting(seen).min() {
      throw Disagreement("\(name) has lost the row \(lost)")
    }
  }

  private func checkLedger(_ connection: Connection) throws {
    let found = try connection.query(
      """
      SELECT s.user_id || '/' || s.collection_name, s.run_id::text, s.documents,
             (SELECT coalesce(string_agg(d.document_id::text, ' ' ORDER BY d.document_id::text), '')
              FROM vector_ferry.documents d WHERE d.store_id = s.id),
             coalesce((SELECT r.run_id::text || ' ' || r.documents
                       FROM vector_ferry.replacements r WHERE r.store_id = s.id), ''),
             (SELECT coalesce(string_agg(b.document_id::text, ' ' ORDER BY b.document_id::text), '')
              FROM vector_ferry.alongside b WHERE b.store_id = s.id)
      FROM vector_ferry.stores s
      """)
    var listed: [String: String] = [:]
    for row in 0..<found.rowCount {
      listed[try found.value(row, 0)] = try (1..<6).map { column in
        column == 2
          ? String(try found.value(row, column, as: Int.self)) : try found.value(row, column)
      }.joined(separator: " | ")
    }
    for name in names {
      let wanted = stores[name].flatMap { ledgerLine($0, of: name) }
      guard listed[name] == wanted else {
        throw Disagreement(
          "the ledger has \(name) as \(listed[name] ?? "nothing"), should be \(wanted ?? "nothing")"
        )
      }
    }
  }

  private func ledgerLine(_ store: StoreModel, of name: String) -> String? {
    guard let entry = store.entry else { return nil }
    func list(_ keys: some Sequence<String>) -> String {
      keys.map { ids["\(name) \($0)"] ?? "?" }.sorted().joined(separator: " ")
    }
    return [
      entry.run, "\(entry.listed.count)", list(entry.listed.keys),
      store.replaced.map { "\($0.run) \($0.documents)" } ?? "", list(store.alongside),
    ].joined(separator: " | ")
  }

  /// Returns the run that the ledger names for each store.
  func listedRuns() throws -> [String: String] {
    let found = try ferry.database.connect().query(
      "SELECT user_id || '/' || collection_name, run_id::text FROM vector_ferry.stores")
    var runs: [String: String] = [:]
    for row in 0..<found.rowCount { runs[try found.value(row, 0)] = try found.value(row, 1) }
    return runs
  }

  /// Reads the runs in the ledger, and returns those that are new.
  func readRuns() throws -> [Run] {
    let connection = try ferry.database.connect()
    let exists: Bool? = try connection.scalar("SELECT to_regclass('vector_ferry.runs') IS NOT NULL")
    guard exists == true else { return [] }
    let found = try connection.query(
      """
      SELECT id::text, takes_back::text, takes_back_in IS NOT NULL, finished_at IS NOT NULL
      FROM vector_ferry.runs ORDER BY started_at
      """)
    let known = Set(runs.map(\.id))
    runs = try (0..<found.rowCount).map { row in
      Run(
        id: try found.value(row, 0), undoneRun: try found.optional(row, 1),
        tookRows: try found.value(row, 2), isFinished: try found.value(row, 3))
    }
    return runs.filter { !known.contains($0.id) }
  }

  // MARK: Rows of the application

  func execute(_ statement: SQL) throws { try ferry.database.connect().query(statement) }

  /// Replaces the content of the row with this key.
  func updateRow(_ key: String, of name: String, to content: StoreModel.Content) throws {
    let id = try id(key, of: name)
    try execute(
      """
      UPDATE vector_documents SET text = \(content.text),
        metadata = jsonb_build_object('key', \(key), 'note', \(content.note)),
        embedding = \(content.vectorText)::vector
      WHERE id = \(id)::uuid
      """)
  }

  func deleteRow(_ key: String, of name: String) throws {
    let id = try id(key, of: name)
    try execute("DELETE FROM vector_documents WHERE id = \(id)::uuid")
  }

  func insertRow(_ key: String, of name: String, _ content: StoreModel.Content) throws {
    let parts = name.split(separator: "/").map(String.init)
    try execute(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, metadata, embedding)
      VALUES (\(parts[0]), \(parts[1]), \(content.text),
              jsonb_build_object('key', \(key), 'note', \(content.note)),
              \(content.vectorText)::vector)
      """)
  }

  private func id(_ key: String, of name: String) throws -> String {
    guard let id = ids["\(name) \(key)"] else { throw Disagreement("\(name) \(key) was never met") }
    return id
  }

  // MARK: The program

  func program(_ arguments: [String]) throws -> ProcessOutcome {
    try ferry.run(command: arguments)
  }

  /// Starts the program and kills it at a stage or after some time; returns nil where the program
  /// was killed, and the outcome where it ended before.
  func kill(_ arguments: [String], at stage: String?, afterMicroseconds: UInt32) throws
    -> ProcessOutcome?
  {
    let running = try ferry.start(
      arguments, environment: stage.map { ["VECTOR_FERRY_PAUSE_AT": $0] } ?? [:])
    if let stage {
      _ = running.waitForError("paused at \(stage)")
    } else {
      usleep(afterMicroseconds)
    }
    running.signal(SIGKILL)
    let outcome = try running.finish()
    try ferry.settle()
    if outcome.status != -SIGKILL { return outcome }
    kills += 1
    return nil
  }

  /// Compares the database and the files with the model, and the output of `status` and `verify` as
  /// well.
  func check() throws {
    try checkFiles()
    let isReady: Bool? = try ferry.scalar(
      """
      SELECT to_regclass('vector_documents') IS NOT NULL
        AND to_regclass('vector_ferry.stores') IS NOT NULL
      """)
    guard isReady == true else { return }
    try checkDatabase()
    let verify = try program(["verify", "--queries", "0"])
    let isVerified = names.allSatisfy { stores[$0]?.isVerified ?? false }
    guard verify.status == (isVerified ? 0 : 4) else {
      throw Disagreement(
        "verify ended with \(verify.status), should be \(isVerified ? 0 : 4):\n\(verify.text)"
          + verify.errorText)
    }
    let status = try program(["status"])
    let isWell = names.allSatisfy { stores[$0]?.isWell ?? false }
    let isKnown = !names.contains { stores[$0]?.last == .unknown }
    guard isKnown ? status.status == (isWell ? 0 : 1) : isWell || status.status != 0 else {
      throw Disagreement(
        "status ended with \(status.status), should be \(isWell ? 0 : 1):\n\(status.text)"
          + status.errorText)
    }
  }
}

extension StoreModel.Content {
  /// The vector as text for pgvector.
  var vectorText: String { "[\(vector.map { "\($0)" }.joined(separator: ","))]" }
}
