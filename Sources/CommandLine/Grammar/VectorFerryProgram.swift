internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// Creates the program `vector-ferry` with all its commands.
  ///
  /// - Parameter version: the version that `--version` prints.
  static func vectorFerry(version: String) -> Program {
    Program(
      name: "vector-ferry", version: version,
      summary: "Migrates file-based vector stores into PostgreSQL with pgvector",
      discussion: [
        """
        Results go to standard output, progress and warnings to standard error. Nothing is \
        written without a command that says so.
        """
      ],
      commands: [
        migrate, scan, verify, rollback, backups, status, history, report, search, reembed,
        projection, dimensions, .index, .schema, doctor, server, completions, manual,
        .help(examples: [Example("help migrate", "Shows all options of migrate")]),
      ],
      environment: environment,
      exitCodes: ExitCode.allCases.map { Example("\($0.rawValue)", $0.meaning) } + [
        Example("132–136, 139", "ended by an error of the program or a lack of memory: run again"),
        Example(
          "137", "ended by SIGKILL, for example because a container had no memory left: run again"),
      ],
      examples: [
        Example("migrate --dry-run", "Shows what would be done, and does nothing"),
        Example("migrate", "Migrates every store below user_data"),
        Example("migrate --failed", "Migrates the stores that failed last time"),
      ])
  }

  private static var environment: [Example] {
    [
      Example(
        "DATABASE_URL",
        "The URL of the database, if --database-url is not given; if neither is given, the first "
          + "of these variables that is set:"
      ),
      Example("NEON_DATABASE_URL", "the database, by the name that Neon uses"),
      Example("POSTGRES_HOST, _PORT, _USER, _PASSWORD, _DB", "the database, in parts"),
      Example(
        "SUPABASE_URL, SUPABASE_DB_PASSWORD", "the database, by the names that Supabase uses"),
      Example("PGHOST, PGSERVICE, …", "any variable of libpq"),
      Example("ENCRYPTION_MASTER_KEY", "The key of encrypted metadata"),
      Example(
        "EMBEDDING_PROVIDER, _MODEL, _DIMENSIONS",
        "The service that turns texts into vectors, as --provider, --model and "
          + "--embedding-dimensions do"
      ),
      Example("EMBEDDING_BASE_URL", "The address of the embedding service, as --base-url"),
      Example(
        "OPENAI_API_KEY, OPENAI_BASE_URL",
        "The key for openai, and the address of another service with the same interface"),
      Example(
        "AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT",
        "The key for azure, and the address of the resource"),
      Example(
        "GEMINI_API_KEY, COHERE_API_KEY, VOYAGE_API_KEY", "The keys for gemini, cohere and voyage"),
      Example("OLLAMA_HOST", "The address of ollama; 127.0.0.1:11434 where it is not set"),
      Example(
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
        "Proxies for requests to the embedding service, as curl reads them"),
      Example(
        "EMBEDDING_MAX_DAILY_COST",
        "Dollars that embeddings may cost in a day (UTC), as --max-daily-cost"),
      Example("OPENAI_MAX_DAILY_COST", "Dollars that embeddings by openai may cost in a day (UTC)"),
      Example(
        "EMBEDDING_PRICE_PER_MILLION_TOKENS",
        "The price in dollars, as --price; not needed where the published price is known"),
      Example("SSL_CERT_FILE", "Certificates of trusted authorities, instead of the system's"),
      Example(
        "FORCE_MIGRATION", "true makes schema continue despite changed files, as --force does"),
      Example("NO_COLOR", "No colours on any terminal"),
      Example("VECTOR_FERRY_CPU", "Forces arithmetic for one processor level: portable, v3 or v4"),
    ]
  }

  private static var migrate: Command<Invocation> {
    Command(
      "migrate", summary: "Migrate vector stores into the database",
      discussion: [
        """
        Scans the user data directory, copies every store into the backup directory and verifies \
        the copies, then writes each store to the database in one transaction and compares what \
        arrived. A store that fails is named with its reason; the other stores continue. Stores \
        that are unchanged since they were migrated are left alone, so a second run is cheap.
        """
      ],
      examples: [
        Example("migrate --dry-run", "Shows the plan, and does nothing"),
        Example("migrate --user alice --user bob", "Migrates the stores of two users"),
        Example("migrate --failed --json", "Migrates the stores that failed, for a script"),
      ],
      takes: MigrateOptions.self, invocation: Invocation.migrate)
  }

  private static var scan: Command<Invocation> {
    Command(
      "scan", summary: "List the stores: user, collection, format, vectors, size, state",
      examples: [Example("scan --user alice", "Lists the stores of one user")],
      takes: ScanOptions.self, invocation: Invocation.scan)
  }

  private static var verify: Command<Invocation> {
    Command(
      "verify", summary: "Compare the database with the files that it was filled from",
      discussion: [
        """
        Compares counts and every document's text, metadata, time stamp and vector. Vectors are \
        compared bit for bit; where they were made shorter, the vectors of the files are projected \
        again. Searches through PostgreSQL are compared with an exact scan of the files. Nothing \
        is written. Any difference makes the exit code 4; documents that the application added are \
        not differences.
        """
      ],
      examples: [
        Example("verify", "Compares every store with its files"),
        Example(
          "verify --user alice --against backup", "Compares one user's stores with the backups"),
      ],
      takes: VerifyOptions.self, invocation: Invocation.verify)
  }

  private static var rollback: Command<Invocation> {
    Command(
      "rollback", summary: "Undo what a run wrote, and only that",
      discussion: [
        """
        Shows what it will do and asks. Rows that the run wrote and nobody has changed since are \
        removed, with the projections and the ledger's rows, one transaction per store. Rows that \
        were changed and rows that the application added stay, and are listed. Without a terminal \
        and without --yes nothing is done.
        """
      ],
      examples: [
        Example("rollback --dry-run", "Shows what rolling back the latest run would do"),
        Example("rollback 1a2b3c4d --user alice --yes", "Rolls back one user's part of a run"),
        Example("rollback --restore", "Restores the documents that the latest run replaced"),
      ],
      takes: RollbackArguments.self, invocation: Invocation.rollback)
  }

  private static var status: Command<Invocation> {
    Command(
      "status", summary: "Show the state of each store, those with problems first",
      examples: [
        Example("status --failed", "Shows only stores that are not as they should be"),
        Example("status --user 'a*' --exclude alice", "Shows the stores of some users"),
      ],
      takes: StatusOptions.self, invocation: Invocation.status)
  }

  private static var history: Command<Invocation> {
    Command(
      "history", summary: "Show every run, newest first, or one run with its stores",
      examples: [
        Example("history --limit 1", "Shows the last run"),
        Example("history show 1a2b3c4d", "Shows the stores of a run, those that failed first"),
      ],
      takes: HistoryOptions.self, invocation: Invocation.history)
  }

  private static var doctor: Command<Invocation> {
    Command(
      "doctor", summary: "Check everything that a run needs, and change nothing",
      discussion: [
        """
        Before a run or after it: the stores, room for backups, connection, versions with known \
        faults, rights, encoding, locks and long transactions with their processes, the ledger, \
        unfinished runs, invalid indexes, room and shared memory at the server. Each finding has \
        its remedy. The exit code is 0 where there is no problem, with or without warnings, and 3 \
        where there is one.
        """
      ],
      examples: [Example("doctor --json", "Prints the findings as JSON, for a script")],
      takes: DoctorOptions.self, invocation: Invocation.doctor)
  }

  private static var completions: Command<Invocation> {
    Command(
      "completions", summary: "Print a completion script for a shell",
      examples: [
        Example(
          "completions bash > ~/.local/share/bash-completion/completions/vector-ferry",
          "Completes commands and options in new bash sessions")
      ],
      takes: CompletionOptions.self, invocation: { .completions($0.shell) })
  }

  private static var manual: Command<Invocation> {
    Command(
      "manual", summary: "Write the manual pages into a folder, for man",
      examples: [
        Example(
          "manual ~/.local/share/man/man1", "Makes 'man vector-ferry-migrate' show a page")
      ],
      takes: ManualOptions.self, invocation: { .manual($0.folder) })
  }

  private static var server: Command<Invocation> {
    Command(
      "server", summary: "Manage the embedded PostgreSQL server",
      discussion: [
        """
        Where no database is named, vector-ferry runs a private PostgreSQL with pgvector for this \
        directory, reachable through a Unix socket only.
        """
      ],
      subcommands: [
        Command(
          "server start", summary: "Start the embedded server", takes: NoParameters.self,
          invocation: { _ in .serverStart }),
        Command(
          "server stop", summary: "Stop the embedded server", takes: NoParameters.self,
          invocation: { _ in .serverStop }),
        Command(
          "server status", summary: "Show whether the embedded server runs",
          takes: ServerStatusOptions.self, invocation: Invocation.serverStatus),
        Command(
          "server url", summary: "Print the embedded server's address", takes: NoParameters.self,
          invocation: { _ in .serverURL }),
        Command(
          "server psql", summary: "Run psql against the embedded server",
          examples: [
            Example(
              "server psql -c 'SELECT count(*) FROM vector_documents'", "Counts the documents")
          ],
          takes: PsqlArguments.self, invocation: { .serverPsql($0.words) }),
      ])
  }
}

/// Another name for the type `Invocation`, for code in which a generic parameter has that name.
typealias CommandLineInvocation = Invocation
