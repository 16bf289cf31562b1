internal import Messages
internal import Arguments
internal import Backups
internal import Models
internal import Ledger
internal import Glibc
internal import JSON
internal import Postgres
internal import Stores
internal import VectorMath

/// The commands `projection list|show|export`, which only read the models in the database.
struct ProjectionCommand {
  let console: Console
  let environment: [String: String]

  /// Lists the models: one line for each store that uses a model.
  func list(_ arguments: ParsedArguments<ProjectionListOptions>) -> ExitCode {
    attempt(arguments.database, json: arguments.output.json) { catalogue in
      let selection = try arguments.selection.resolved()
      let all = try catalogue.models()
      try selection.refuseUnmatched(
        among: Set(all.flatMap(\.uses).map(\.store)),
        remedy: "list all models with: vector-ferry projection list")
      let models = all.filter { model in
        !selection.isLimited || model.uses.contains { selection.includes($0.store) }
      }
      if arguments.output.json {
        console.output.print(json: ["projections": .array(models.map { $0.json })])
      } else {
        ProjectionPrinter(console: console).list(models) { selection.includes($0) }
      }
    }
  }

  /// Shows one model: the share of the vectors' energy that its components keep, and the recall.
  func show(_ arguments: ParsedArguments<ProjectionShowOptions>) -> ExitCode {
    attempt(arguments.database, json: arguments.output.json) { catalogue in
      let name = try Self.name(arguments.model)
      let model = try catalogue.model(name)
      let projection = try catalogue.load(model).projection
      if let path = arguments.plot {
        try NewFile.write(Array(EnergyPlot(projection).svg.utf8), to: path)
      }
      if arguments.output.json {
        console.output.print(json: model.json(with: projection))
      } else {
        ProjectionPrinter(console: console).show(model, projection)
        if let path = arguments.plot { console.print("Plot written to \(path)") }
      }
    }
  }

  /// Writes one model to a file for NumPy or scikit-learn.
  func export(_ arguments: ParsedArguments<ProjectionExportOptions>) -> ExitCode {
    attempt(arguments.database, json: arguments.output.json) { catalogue in
      let wanted = try Self.name(arguments.model)
      let model = try catalogue.model(wanted)
      var store: StoreName?
      if case .store(let named) = wanted { store = named }
      let fitted = try catalogue.load(model, for: store)
      let name = model.fileName(for: store)
      let bytes: [UInt8]
      switch arguments.format {
      case .npz: bytes = fitted.archive
      case .sklearn:
        guard let pickle = ScikitPickle.bytes(of: fitted.projection, engine: try Engine()) else {
          throw Failure(
            .preflight,
            "model \(arguments.model) only cuts vectors, and scikit-learn has no such model",
            remedy: "no model is needed: take the first \(model.outputDimensions) numbers of each "
              + "vector, and scale them to length one")
        }
        bytes = pickle
      }
      let path =
        arguments.file
        ?? (arguments.format == .npz ? name : name.replacing(/\.npz$/, with: ".pkl"))
      try NewFile.write(bytes, to: path)
      if arguments.output.json {
        console.output.print(json: [
          "file": .string(path), "bytes": .int(bytes.count), "projection": model.json,
        ])
      } else {
        console.print("Model \(model.id) written to \(path)")
      }
    }
  }

  static func name(_ text: String) throws -> ModelName {
    guard let name = ModelName(text) else {
      throw Failure(
        .preflight, "\(text) does not name a model",
        remedy: "write user/collection, or a number from projection list")
    }
    return name
  }

  private func attempt(
    _ database: ParsedArguments<DatabaseOption>, json: Bool,
    _ body: (ModelCatalogue) throws -> Void
  ) -> ExitCode {
    do {
      let choice = try DatabaseChoice.find(option: database.url, environment: environment)
      let connection = try choice.connectToExisting { console.diagnostics.note("\($0)") }
      try connection.transaction(.repeatableRead, readOnly: true) {
        try body(try ModelCatalogue(connection))
      }
      return .done
    } catch {
      return console.report(failure: Failure(error), asJSON: json)
    }
  }
}
