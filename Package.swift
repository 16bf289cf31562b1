// swift-tools-version: 6.0

import PackageDescription

// The targets stand in the order the data goes: a target may import those above it, none below.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Kernel targets are compiled once per processor level; dispatch happens at run time.
func kernelSettings(march: String?) -> [SwiftSetting] {
  #if arch(x86_64)
    let level = march.map { [SwiftSetting.unsafeFlags(["-Xcc", "-march=\($0)"])] } ?? []
  #else
    let level: [SwiftSetting] = []
  #endif
  // Optimised as a whole in debug builds too: unoptimised kernels are a hundred times slower.
  let whole = ["-disable-batch-mode", "-wmo", "-num-threads", "1"]
  return strict
    + [
      .unsafeFlags(["-Ounchecked"]), .unsafeFlags(whole, .when(configuration: .debug)),
    ] + level
}

/// What works through every number or byte of a store is optimised in debug builds too, or tests
/// spend their time there: a hundred times as much.
let optimised: [SwiftSetting] =
  strict + [
    .unsafeFlags(
      ["-O", "-disable-batch-mode", "-wmo", "-num-threads", "1"], .when(configuration: .debug))
  ]

/// Files of SQL are written into Swift by Scripts/embed-sets.py, and are no sources themselves.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], sql: [String] = [],
  settings: [SwiftSetting] = strict
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: sql, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [.target(name: name), "TestSupport"] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "vector-ferry",
  products: [
    .executable(name: "vector-ferry", targets: ["vector-ferry"]),
    .library(name: "Pickle", targets: ["Pickle"]),
    .library(name: "VectorMath", targets: ["VectorMath"]),
    .library(name: "JSON", targets: ["JSON"]),
    .library(name: "Stores", targets: ["Stores"]),
    .library(name: "Postgres", targets: ["Postgres"]),
    .library(name: "Plots", targets: ["Plots"]),
  ],
  targets: [
    // C libraries and processor facts.
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CCPU"),
    .target(name: "CSpawn"),

    // Small things that know no domain: numbers and memory that outsiders decide about, time that
    // nobody sets, the machine and its processes.
    library("Bounds", settings: optimised),
    library("Clock", ["Bounds"], settings: optimised),
    library("Digests", ["CCrypto"], settings: optimised),
    library("JSON", ["Bounds", "Digests"], settings: optimised),
    // Files and folders that other people may write to, and the owners of open ones.
    library("Files", ["Bounds", "Clock", "Digests", "JSON"], settings: optimised),
    library("Machine", ["Digests", "Files"]),

    // Bytes to rows.
    library("Pickle", ["Bounds"], settings: optimised),

    // Rows to fewer dimensions.
    .target(name: "KernelsPortable", swiftSettings: kernelSettings(march: nil)),
    .target(name: "KernelsV3", swiftSettings: kernelSettings(march: "x86-64-v3")),
    .target(
      name: "KernelsV4", dependencies: ["CCPU"], swiftSettings: kernelSettings(march: "x86-64-v4")),
    library(
      "VectorMath", ["KernelsPortable", "KernelsV3", "KernelsV4", "CCPU", "Bounds"],
      settings: optimised),

    // Directories to documents.
    library("SQLite", ["CSQLite"], settings: optimised),
    // What other libraries have stored: their files to ids, texts, metadata and vectors.
    library(
      "LibraryFiles", ["Bounds", "JSON", "Files", "Pickle", "SQLite"], sql: ["SQL"],
      settings: optimised),
    library(
      "Stores",
      [
        "Bounds", "Clock", "Digests", "JSON", "Files", "Pickle", "CCrypto", "SQLite",
        "LibraryFiles",
      ], settings: optimised),

    // Texts to vectors.
    library("Embedding", ["Bounds", "Clock", "Digests", "JSON", "CCurl", "SQLite"], sql: ["SQL"]),

    // Documents to tables.
    library(
      "Postgres", ["Bounds", "Clock", "Digests", "Files", "CLibPQ", "CSpawn"], sql: ["SQL"],
      settings: optimised),
    // Statements as psql splits them.
    library("SQLText", settings: optimised),
    // The program's own objects.
    library("OwnSchema", ["Bounds", "Clock", "Digests", "Files", "Postgres"], sql: ["SQL"]),
    // What a table that an application reads looks like.
    library("Layouts", ["Postgres", "OwnSchema"], sql: ["SQL"]),
    // Migrations as files of SQL, of people and of other tools, and the sets that the program brings.
    library(
      "MigrationFiles",
      ["Clock", "Digests", "JSON", "Files", "Postgres", "SQLText", "OwnSchema"], sql: ["Sets/SQL"]),
    // The tables in which other tools list the migrations that they have applied.
    library("ToolLedgers", ["Postgres", "SQLText", "OwnSchema"], sql: ["SQL"]),
    // Migrations to databases.
    library(
      "Schema",
      [
        "Clock", "Digests", "Machine", "Postgres", "SQLText", "OwnSchema", "MigrationFiles",
        "ToolLedgers",
      ], sql: ["SQL"]),
    // Databases that others have set up to migrations of a set.
    library(
      "Takeover",
      ["Postgres", "SQLText", "OwnSchema", "MigrationFiles", "ToolLedgers", "Schema"],
      sql: ["SQL"]),

    // Tables to indexes.
    library(
      "VectorIndex",
      [
        "Bounds", "Clock", "Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles",
        "Schema",
      ], sql: ["SQL"]),

    // Tables to answers.
    library(
      "Search", ["Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "Schema"],
      sql: ["SQL"]),

    // Figures to drawings.
    library("Plots"),

    // What runs leave behind: on the operator's machine, and in the database.
    library("Journal", ["Bounds", "Clock", "Machine", "Stores", "SQLite"], sql: ["SQL"]),
    library(
      "Ledger",
      [
        "Clock", "Digests", "JSON", "Files", "Machine", "Stores", "Embedding", "VectorMath",
        "Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "Schema", "VectorIndex",
        "Journal",
      ], sql: ["SQL"]),
    // Stores' texts to vectors of a service, in place of those in their files.
    library(
      "StoreEmbedding",
      [
        "Stores", "Embedding", "VectorMath", "Postgres", "SQLText", "OwnSchema", "Layouts",
        "MigrationFiles", "Schema", "Ledger",
      ], sql: ["SQL"]),
    library(
      "Models",
      [
        "Bounds", "Digests", "Machine", "Stores", "VectorMath", "Postgres", "SQLText", "OwnSchema",
        "Layouts", "MigrationFiles", "Schema", "Ledger",
      ], sql: ["SQL"], settings: optimised),

    // Changes of what is there, and copies of it.
    library(
      "Dimensions",
      [
        "Clock", "Files", "Machine", "Stores", "Embedding", "VectorMath", "Postgres", "SQLText",
        "OwnSchema", "Layouts", "MigrationFiles", "Schema", "VectorIndex", "Ledger", "Models",
      ], sql: ["SQL"]),
    library(
      "Backups",
      [
        "Bounds", "Clock", "Digests", "JSON", "Files", "Machine", "Stores", "VectorMath",
        "Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "Schema", "Ledger",
        "Models", "Dimensions",
      ], sql: ["SQL"]),
    library(
      "Reembedding",
      [
        "Machine", "Embedding", "Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles",
        "Schema", "VectorIndex", "Journal", "Ledger",
      ], sql: ["SQL"]),

    // The whole way, and what it needs.
    library(
      "Doctor",
      [
        "Bounds", "Files", "Machine", "Stores", "Postgres", "SQLText", "OwnSchema", "Layouts",
        "MigrationFiles", "Schema", "Ledger", "Dimensions", "Backups",
      ], sql: ["SQL"]),
    // Rows of a store's collection that no ledger lists.
    library(
      "Unlisted",
      [
        "Digests", "Machine", "Stores", "VectorMath", "Postgres", "SQLText", "OwnSchema", "Layouts",
        "MigrationFiles", "Schema", "Ledger", "Models",
      ], sql: ["SQL"]),
    library(
      "Migration",
      [
        "Bounds", "Clock", "Digests", "Files", "Machine", "Stores", "VectorMath", "Postgres",
        "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "Schema", "VectorIndex", "Journal",
        "Ledger", "StoreEmbedding", "Embedding", "Models", "Dimensions", "Backups", "Doctor",
        "Unlisted",
      ], sql: ["SQL"]),

    // Migrated stores: what stands where, whether it is still what the files hold, and back again.
    library(
      "Status",
      [
        "Clock", "Machine", "Stores", "Postgres", "SQLText", "OwnSchema", "Layouts",
        "MigrationFiles", "Schema", "Journal", "Ledger",
      ], sql: ["SQL"]),
    library(
      "Verification",
      [
        "Digests", "Files", "Stores", "VectorMath", "Postgres", "SQLText", "OwnSchema", "Layouts",
        "MigrationFiles", "Schema", "Ledger", "Embedding", "StoreEmbedding", "Models", "Backups",
        "Unlisted", "Status",
      ], sql: ["SQL"]),
    library(
      "Rollback",
      [
        "Bounds", "Clock", "Digests", "Files", "Machine", "Stores", "VectorMath", "Postgres",
        "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "Schema", "Journal", "Ledger",
        "Dimensions", "Backups", "Unlisted", "Migration",
      ], sql: ["SQL"]),

    // The face: what people read, what they may type, and what this program makes of both.
    library("Messages"),
    // Runs to pages.
    library(
      "Report", ["Clock", "Machine", "Stores", "Plots", "Journal", "Messages"], settings: optimised),
    library("Arguments", ["Messages"]),
    library(
      "CommandLine",
      [
        "Bounds", "Clock", "JSON", "Files", "Machine", "Stores", "Embedding", "VectorMath",
        "Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "ToolLedgers", "Schema",
        "Takeover", "VectorIndex", "Search", "Journal", "Ledger", "StoreEmbedding", "Models",
        "Dimensions", "Backups",
        "Reembedding", "Doctor",
        "Unlisted", "Migration", "Status", "Verification", "Rollback", "Plots", "Messages",
        "Report", "Arguments",
      ]),
    // Its `main` is C's, which is handed the arguments; see Sources/vector-ferry/main.c.
    .executableTarget(name: "vector-ferry", dependencies: ["CommandLine"]),

    // Tests mirror the modules.
    .target(
      name: "TestSupport", dependencies: ["Stores", "Postgres"], path: "Tests/TestSupport",
      exclude: ["EmbeddingService.py", "ModelService.py"], swiftSettings: strict),
    tests("Bounds"),
    tests("Clock"),
    tests("JSON", ["Digests"]),
    tests("Pickle"),
    tests("VectorMath", ["KernelsPortable", "KernelsV3", "KernelsV4", "CCPU"]),
    tests("SQLite"),
    .testTarget(
      name: "LibraryFilesTests",
      dependencies: [
        "LibraryFiles", "Digests", "JSON", "Files", "Pickle", "SQLite", "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    tests("Stores", ["Clock", "Digests", "JSON", "Files", "Pickle", "LibraryFiles"]),
    tests("Embedding", ["Clock", "Digests", "SQLite"]),
    tests("Postgres", ["Clock", "Digests"]),
    tests(
      "Schema",
      ["Postgres", "SQLText", "OwnSchema", "Layouts", "MigrationFiles", "ToolLedgers"]),
    tests("Takeover", ["Postgres", "OwnSchema", "MigrationFiles", "ToolLedgers", "Schema"]),
    tests("VectorIndex", ["Clock", "Postgres", "Schema", "OwnSchema", "Layouts"]),
    tests("Search"),
    tests("Journal", ["Clock", "Machine", "SQLite", "Stores"]),
    tests("Ledger", ["Stores", "Postgres", "VectorMath"]),
    tests("Models", ["VectorMath", "Ledger"]),
    tests("Backups", ["Clock", "Machine", "Stores", "Ledger", "Models"]),
    tests(
      "Migration",
      [
        "Backups", "Files", "Layouts", "Ledger", "Machine", "Models", "Postgres", "Stores",
        "Unlisted", "VectorMath",
      ]),
    tests(
      "Rollback",
      [
        "Backups", "Clock", "Digests", "Ledger", "Machine", "Migration", "Models", "Postgres",
        "Stores",
      ]),
    tests("Plots"),
    tests("Messages"),
    tests("Report", ["Clock", "Digests", "Journal", "Machine", "Messages", "Plots", "Stores"]),
    tests("Arguments", ["Messages"]),
    tests(
      "CommandLine",
      [
        "Files", "Stores", "Postgres", "Schema", "Search", "Ledger", "Models", "Migration",
        "Messages", "Arguments",
      ]),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "Digests", "Embedding", "Machine", "Postgres", "OwnSchema", "Layouts", "SQLText",
        "MigrationFiles", "Schema", "SQLite", "Stores", "Models", "VectorMath", "TestSupport",
      ],
      exclude: ["Fixtures"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
