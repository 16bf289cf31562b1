internal import Arguments
internal import Migration

/// The option that names the database that a command reads.
struct DatabaseOption: ParameterSet {
  /// The value of the option `--database-url`; nil where it is not given.
  let url: Parameter<String?>

  /// Declares the parameter.
  init(declaring declare: inout Declarations) {
    url = declare.optional(
      "database-url", .secretURL, otherwise: "the embedded server",
      environment: ["DATABASE_URL", "NEON_DATABASE_URL"], help: "The PostgreSQL database")
  }
}

/// The arguments of `projection list`.
struct ProjectionListOptions: ParameterSet {
  /// The stores whose models are shown.
  let selection: SelectionOptions
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    selection = declare.group(SelectionOptions.self)
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `projection show`.
struct ProjectionShowOptions: ParameterSet {
  /// The argument that names the model.
  let model: Parameter<String>
  /// The value of the option `--plot`; nil where it is not given.
  let plot: Parameter<String?>
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    model = declare.required("MODEL", .text("MODEL"), help: modelHelp)
    plot = declare.optional(
      "plot", .file,
      help: "Draw how much of the vectors' energy the components keep, into a new SVG file")
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `projection export`.
struct ProjectionExportOptions: ParameterSet {
  /// The argument that names the model.
  let model: Parameter<String>
  /// The value of the option `--format`, or its default.
  let format: Parameter<ModelFormat>
  /// The value of the option `--output`; nil where it is not given.
  let file: Parameter<String?>
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    model = declare.required("MODEL", .text("MODEL"), help: modelHelp)
    format = declare.option(
      "format", .choice, default: .npz,
      help: """
        The form of the file: npz is the form that the run wrote, for numpy.load; sklearn is the \
        pickle of a fitted sklearn.decomposition.PCA, whose transform reduces the full vectors of \
        stored documents
        """)
    file = declare.optional(
      "output", short: "o", .file, otherwise: "pca_model_<collection>_<user>.npz or .pkl here",
      help: "The new file to write")
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The arguments of `projection refit`.
struct ProjectionRefitOptions: ParameterSet {
  /// The argument that names the store.
  let store: Parameter<String>
  /// The value of the option `--from`, or its default.
  let origin: Parameter<RefitChoice>
  /// The options that name the folder with the stores.
  let source: SourceOptions
  /// The option that names the database.
  let database: DatabaseOption
  /// The option `--json`.
  let output: JSONOption

  /// Declares the parameters in the order in which the help lists them.
  init(declaring declare: inout Declarations) {
    store = declare.required(
      "STORE", .text("STORE"), help: "The store, as user/collection")
    origin = declare.option(
      "from", .choice, default: .auto,
      help: """
        Where unreduced vectors are read from: the store's files, its backup, or kept originals; \
        auto takes the first of these that exists
        """)
    declare.set(\Refit.Options.origin, by: origin, as: { Refit.Origin(rawValue: $0.rawValue) })
    source = declare.group(SourceOptions.self)
    declare.set(\Refit.Options.userDataDirectory, by: source.userDataDirectory)
    declare.set(
      \Refit.Options.backupDirectory, by: declare.group(BackupDirectoryOption.self).directory)
    declare.option(
      "table", .text("NAME"), default: "vector_documents", help: "The table of the store's rows",
      sets: \Refit.Options.table, as: { try .init(argument: $0) })
    declare.option(
      "min-recall", .number(0...1), default: 0.95,
      help: "Change nothing if the measured recall@10 is below this number",
      sets: \Refit.Options.minimumRecall)
    declare.flag(
      "force",
      help: "Refit even if documents were edited in the database after a run wrote these documents",
      sets: \Refit.Options.force)
    declare.set(\Refit.Options.allowedLosses, by: declare.group(AllowLossOption.self).tables)
    database = declare.group(DatabaseOption.self)
    output = declare.group(JSONOption.self)
  }
}

/// The form of an exported model.
enum ModelFormat: String, Choice {
  /// Arrays for `numpy.load`.
  case npz
  /// A fitted model of scikit-learn.
  case sklearn
}

/// The place from which a refit reads vectors that are not reduced.
enum RefitChoice: String, Choice {
  /// The first of `source`, `backup` and `originals` that exists.
  case auto
  /// The store's files.
  case source
  /// The backup that was made when the store was migrated.
  case backup
  /// The originals in the database.
  case originals
}

private let modelHelp =
  "The model: a store as user/collection, or a number that projection list shows"
