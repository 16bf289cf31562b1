internal import Arguments

extension Command where Invocation == CommandLineInvocation {
  /// The command `schema` and every command below it.
  static var schema: Command {
    Command(
      "schema", summary: "Set up, upgrade, check and undo a database's schema by SQL migrations",
      discussion: [
        """
        Migrations are files, NUMBER_NAME.sql, with sections -- migrate:up and -- migrate:down; \
        folders of goose, tern, sql-migrate, golang-migrate, Flyway and Sqitch are read, too. \
        Five sets come with the program (schema list); --dir names a folder of your own. What is \
        applied stands in the table schema_migrations of the database, or in the one that --ledger \
        names.
        """
      ],
      subcommands: runs + inspections + [make, baseline, adopt, list])
  }

  private static var runs: [Command] {
    [
      Command(
        "schema up", summary: "Apply what is pending, after a preview and a question",
        examples: [
          Example("schema up --set knowledge_graph", "Sets up the tables of one bundled set"),
          Example(
            "schema up --dir migrations --yes",
            "Applies a folder of migration files without asking, for a script"),
          Example(
            "schema up --dry-run", "Tries every statement, rolls all back, and shows the locks"),
        ],
        takes: SchemaUpOptions.self, invocation: { .schema(.up($0)) }),
      Command(
        "schema down",
        summary: "Undo the migrations of the last run, the last N migrations, or all",
        examples: [
          Example("schema down --set forum_vectors", "Undoes the last batch"),
          Example("schema down --set forum_vectors --all", "Undoes every migration of the set"),
        ],
        takes: SchemaDownOptions.self, invocation: { .schema(.down($0)) }),
      Command(
        "schema redo", summary: "Undo the last migration and apply it again",
        takes: SchemaRunOptions.self, invocation: { .schema(.redo($0)) }),
      Command(
        "schema refresh", summary: "Undo every migration and apply all again",
        takes: SchemaRunOptions.self, invocation: { .schema(.refresh($0)) }),
      Command(
        "schema apply",
        summary: "Apply migrations by name, including those that schema up leaves out",
        examples: [
          Example(
            "schema apply --set semantic_search 003_add_model_metadata", "Adds the model columns"),
          Example(
            "schema apply --set semantic_search --advisable",
            "Applies each migration that is useful for the data now"),
        ],
        takes: SchemaNamedOptions.self, invocation: { .schema(.apply($0)) }),
      Command(
        "schema revert", summary: "Undo one migration by name",
        takes: SchemaNamedOptions.self, invocation: { .schema(.revert($0)) }),
    ]
  }

  private static var inspections: [Command] {
    [
      Command(
        "schema status", summary: "Show each migration: pending, applied, changed, missing …",
        takes: SchemaInspectOptions.self, invocation: { .schema(.status($0)) }),
      Command(
        "schema check", summary: "Check pgvector and existing tables; change nothing",
        takes: SchemaInspectOptions.self, invocation: { .schema(.check($0)) }),
      Command(
        "schema verify", summary: "Check structure, integrity and speed of what a set has made",
        takes: SchemaInspectOptions.self, invocation: { .schema(.verify($0)) }),
    ]
  }

  private static var make: Command {
    Command(
      "schema make", summary: "Write an empty migration file, with the present time in its name",
      examples: [
        Example(
          "schema make add_sentiment --dir migrations", "Writes a migration file to be filled in")
      ],
      takes: SchemaMakeOptions.self, invocation: { .schema(.make($0)) })
  }

  private static var baseline: Command {
    Command(
      "schema baseline", summary: "Mark migrations as applied that the database has already",
      discussion: [
        """
        Without VERSION, the structure of the database is compared with what the bundled set makes: \
        the command shows at which version it is and what differs, gives constraints, indexes and \
        triggers of other names the set's names, makes what is missing, and marks the migrations. \
        With VERSION it only marks.
        """
      ],
      examples: [
        Example(
          "schema baseline --set semantic_search",
          "Takes over a database that other scripts have set up"),
        Example(
          "schema baseline 0001 --set unified_embeddings",
          "Marks migrations as applied, because the database has their changes"),
      ],
      takes: SchemaBaselineOptions.self, invocation: { .schema(.baseline($0)) })
  }

  private static var adopt: Command {
    Command(
      "schema adopt", summary: "Take over which migrations another tool has applied",
      discussion: [
        """
        Reads the ledger of knex, Rails, dbmate, golang-migrate, goose, Flyway, Sqitch, Drizzle, \
        SQLx and others, shows which migration of the set each of its rows means, and marks these \
        migrations as applied. The other tool's table is only read.
        """
      ],
      examples: [
        Example(
          "schema adopt --dir migrations --ledger public.vector_ferry_migrations",
          "Takes over a folder that golang-migrate has applied, beside its own table"),
        Example(
          "schema adopt --from public.knex_migrations --set forum_vectors",
          "Takes over the migrations of a bundled set that knex has applied"),
      ],
      takes: SchemaAdoptOptions.self, invocation: { .schema(.adopt($0)) })
  }

  private static var list: Command {
    Command(
      "schema list", summary: "List the bundled sets, or print the files of one set",
      takes: SchemaListOptions.self, invocation: { .schema(.list($0)) })
  }
}

/// A command below `schema` that the operator asks for, with its arguments.
enum SchemaInvocation: Sendable {
  /// Apply pending migrations.
  case up(ParsedArguments<SchemaUpOptions>)
  /// Undo migrations.
  case down(ParsedArguments<SchemaDownOptions>)
  /// Undo the last migration and apply it again.
  case redo(ParsedArguments<SchemaRunOptions>)
  /// Undo all migrations and apply them again.
  case refresh(ParsedArguments<SchemaRunOptions>)
  /// Apply migrations by name.
  case apply(ParsedArguments<SchemaNamedOptions>)
  /// Undo one migration by name.
  case revert(ParsedArguments<SchemaNamedOptions>)
  /// Show each migration's state.
  case status(ParsedArguments<SchemaInspectOptions>)
  /// Run steps 1 and 2 of the guided run.
  case check(ParsedArguments<SchemaInspectOptions>)
  /// Check structure, integrity and performance.
  case verify(ParsedArguments<SchemaInspectOptions>)
  /// Write a new migration file.
  case make(ParsedArguments<SchemaMakeOptions>)
  /// Mark migrations as applied.
  case baseline(ParsedArguments<SchemaBaselineOptions>)
  /// Mark migrations as applied that another tool has applied.
  case adopt(ParsedArguments<SchemaAdoptOptions>)
  /// List the bundled sets of migrations.
  case list(ParsedArguments<SchemaListOptions>)
}
