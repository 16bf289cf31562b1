internal import Files
internal import Messages
internal import Arguments
internal import Ledger
internal import Embedding
internal import Glibc
internal import JSON
internal import Postgres
internal import Search
internal import Stores

/// The command `search`, which calls the search functions of the database.
struct SearchCommand {
  private let arguments: ParsedArguments<SearchOptions>
  private let console: Console
  private let environment: [String: String]

  init(
    _ arguments: ParsedArguments<SearchOptions>, console: Console, environment: [String: String]
  ) {
    self.arguments = arguments
    self.console = console
    self.environment = environment
  }

  /// Searches and prints the results; a search without results is no failure.
  func run() -> ExitCode {
    if let fault {
      return console.report(
        UsageError(path: ["search"], fault: fault),
        of: Program.vectorFerry(version: ProgramVersion.current))
    }
    do {
      let text = try searchText()
      let choice = try DatabaseChoice.find(
        option: arguments.database.url, environment: environment)
      let query = try query()
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      switch arguments.set {
      case .documents: try searchDocuments(query, text, on: connection)
      case .chunks: try searchChunks(query, text, on: connection)
      }
      return .done
    } catch let error as SearchError {
      return console.report(failure: error, asJSON: arguments.output.json)
    } catch {
      return console.report(failure: Failure(error), asJSON: arguments.output.json)
    }
  }

  /// The words of the argument TEXT, joined into one text; nil where TEXT is not given.
  private var text: String? {
    arguments.text.isEmpty ? nil : arguments.text.joined(separator: " ")
  }

  /// Returns the text to search for and the service that embeds it; nil where TEXT is not given.
  ///
  /// Where no service is named, the error lists the other ways to search.
  private func searchText() throws -> SearchText? {
    guard let text else { return nil }
    do throws(EmbeddingError) {
      return SearchText(
        text: text, settings: try arguments.embedding.settings(environment: environment),
        cacheDirectory: arguments.embedding.cacheDirectory, console: console)
    } catch {
      let others =
        arguments.set == .documents ? "--like, --vector or --hybrid" : "--like or --vector"
      throw SearchError(
        error.problem,
        remedy: (error.remedy.map { "\($0); " } ?? "") + "\(others) search without a service")
    }
  }

  /// The error in options that do not fit together, or that name nothing to search for; nil where
  /// there is no error.
  private var fault: UsageFault? {
    contradiction
      ?? (arguments.like != nil || arguments.vector != nil || arguments.hybrid != nil || text != nil
        ? nil
        : .other(
          "'search' needs something to search for: TEXT, --like ID, --vector FILE or --hybrid TEXT"))
  }

  /// The error in options that exclude each other or have no effect; nil where there is no error.
  private var contradiction: UsageFault? {
    if text != nil {
      if arguments.like != nil { return .incompatible(flag: "TEXT", with: "--like") }
      if arguments.vector != nil { return .incompatible(flag: "TEXT", with: "--vector") }
    } else if let flag = arguments.embedding.firstGiven {
      let other =
        [
          ("--like", arguments.like), ("--vector", arguments.vector),
          ("--hybrid", arguments.hybrid),
        ]
        .first { $0.1 != nil }
      if let other { return .incompatible(flag: flag, with: other.0) }
    }
    if arguments.like != nil, arguments.vector != nil {
      return .incompatible(flag: "--like", with: "--vector")
    }
    if arguments.reciprocalRank, arguments.isGiven(\.weights) {
      return .incompatible(flag: "--rrf", with: "--weights")
    }
    return arguments.set == .chunks ? foreignToChunks : idle
  }

  /// The error about an option that a search among chunks does not have; nil where no such option
  /// is given.
  private var foreignToChunks: UsageFault? {
    let foreign: [(flag: String, isGiven: Bool)] = [
      ("--hybrid", arguments.hybrid != nil), ("--user", arguments.user != nil),
      ("--collection", arguments.collection != nil), ("--filter", arguments.filter != nil),
    ]
    return (foreign + fusion).first { $0.isGiven }.map {
      .incompatible(flag: $0.flag, with: "--set semantic_search")
    }
  }

  /// The error about an option that has no effect; nil where no such option is given.
  private var idle: UsageFault? {
    guard arguments.hybrid != nil else {
      return fusion.first { $0.isGiven }.map { .dependent(flag: $0.flag, on: "--hybrid") }
    }
    let hasVector = text != nil || arguments.like != nil || arguments.vector != nil
    return arguments.threshold == nil || hasVector
      ? nil : .dependent(flag: "--threshold", on: "TEXT, --like or --vector")
  }

  /// The options that need `--hybrid`; each is true where the command line contains it.
  private var fusion: [(flag: String, isGiven: Bool)] {
    [
      ("--weights", arguments.isGiven(\.weights)), ("--rrf", arguments.reciprocalRank),
      ("--config", arguments.isGiven(\.configuration)),
    ]
  }

  private func query() throws -> SearchRequest.Query? {
    if let id = arguments.like { return .like(id) }
    guard let path = arguments.vector else { return nil }
    do throws(SearchError) {
      return .vector(try VectorFile.read(try Self.contents(of: path)))
    } catch {
      throw SearchError("--vector \(path): \(error.problem)", remedy: error.remedy)
    }
  }

  private static func contents(of path: String) throws(SearchError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try FileDescriptor(opening: path, O_RDONLY).read(upTo: VectorFile.largestSize + 1)
    } catch {
      throw SearchError(error.reason)
    }
    guard bytes.count <= VectorFile.largestSize else {
      throw SearchError("the file is larger than one vector can be")
    }
    return bytes
  }

  private func searchDocuments(
    _ query: SearchRequest.Query?, _ text: SearchText?, on connection: Connection
  ) throws {
    var request = try arguments.filled(SearchRequest())
    request.query = query
    let search = DocumentSearch(connection)
    if let text {
      guard let user = arguments.user else { throw DocumentSearch.nobodyNamed }
      request.query = .vector(
        try text.vector(
          user: user, collection: arguments.collection ?? DocumentSearch.usualCollection,
          for: search))
    }
    let answer = try search.run(request)
    if arguments.output.json {
      console.output.print(json: answer.json(text: text?.text, model: text?.settings.model))
    } else {
      SearchPrinter(console: console).print(answer)
    }
  }

  private func searchChunks(
    _ query: SearchRequest.Query?, _ text: SearchText?, on connection: Connection
  ) throws {
    let search = ChunkSearch(connection, environment: environment)
    let chunkQuery: ChunkSearch.Query
    switch query {
    case .vector(let elements): chunkQuery = .vector(elements)
    case .like(let text):
      guard let number = Int(text) else {
        throw SearchError(
          "\(text) is not the id of an embedding", remedy: "write the number of an embedding")
      }
      chunkQuery = .like(number)
    case nil:
      guard let text else { return }
      chunkQuery = .vector(try text.vector(for: search))
    }
    let found = try search.run(
      chunkQuery, limit: arguments.limit, threshold: arguments.threshold)
    if arguments.output.json {
      console.output.print(json: [
        "text": JSONValue(text?.text), "model": JSONValue(text?.settings.model),
        "results": .array(found.map { .verbatim($0.json) }),
      ])
    } else {
      SearchPrinter(console: console).print(found)
    }
  }
}
