/// The supported forms of migration files: the program's own, or those of other tools.
package enum MigrationForm: String, Sendable, CaseIterable {
  /// Sections that begin with `-- migrate:up` and `-- migrate:down`.
  case sections = "dbmate"
  /// Pairs of files: `N_NAME.up.sql` and `N_NAME.down.sql`.
  case pairs = "golang-migrate"
  /// A file without any mark: it has only an up part.
  case plain = "plain SQL"
  /// Sections that begin with `-- +goose Up` and `-- +goose Down`.
  case goose
  /// Sections that begin with `-- +migrate Up` and `-- +migrate Down`.
  case sqlMigrate = "sql-migrate"
  /// A line `---- create above / drop below ----` between the up part and the down part.
  case tern
  /// Sections that begin with `-- Up Migration` and `-- Down Migration`.
  case nodePgMigrate = "node-pg-migrate"
  /// Plain SQL with `--> statement-breakpoint` between the statements.
  case drizzle = "Drizzle"
  /// Files named `V1__NAME.sql`, `U1__NAME.sql` or `R__NAME.sql`.
  case flyway = "Flyway"
  /// A folder with `sqitch.plan`, and scripts in `deploy`, `revert` and `verify`.
  case sqitch = "Sqitch"

  /// True for the forms that may be mixed in one folder.
  package var isOwn: Bool { self == .sections || self == .pairs || self == .plain }

  /// True where the tool also has files without a mark, which contain only an up part.
  package var allowsPlainFiles: Bool {
    self == .tern || self == .nodePgMigrate || self == .drizzle
  }

  /// True where a hyphen may follow the number in a file's name.
  package var allowsHyphens: Bool { self == .sqlMigrate || self == .nodePgMigrate }

  /// The mark that begins an up part in files of this form; `-- migrate:up` where it has none.
  package var upMark: String {
    switch self {
    case .goose: "-- +goose Up"
    case .sqlMigrate: "-- +migrate Up"
    case .nodePgMigrate: "-- Up Migration"
    default: "-- migrate:up"
    }
  }

  /// The advice on how to add a down part to a migration.
  package var downAdvice: String {
    switch self {
    case .goose: "write -- +goose Down"
    case .sqlMigrate: "write -- +migrate Down"
    case .tern: "write the down migration behind a line ---- create above / drop below ----"
    case .nodePgMigrate: "write -- Down Migration"
    case .flyway: "write the down migration into a file of the same version, U…__….sql"
    case .sqitch: "write the down migration into the revert folder, under the same name"
    case .drizzle: "write a new migration that undoes the migration"
    case .sections, .pairs, .plain: "write -- migrate:down"
    }
  }

  /// The advice on how to state in a file that its statements are not one transaction.
  package var transactionAdvice: String {
    switch self {
    case .goose: "write -- +goose NO TRANSACTION at the top of the file"
    case .sqlMigrate: "write notransaction at the end of the -- +migrate line"
    case .tern: "write ---- tern: disable-tx ---- into the file"
    case .flyway:
      "write executeInTransaction=false into a file with the same name and .conf behind it"
    case .sqitch: "write BEGIN and COMMIT around the other statements of the script"
    case .sections: "write transaction:false at the end of the -- migrate: line"
    case .pairs, .plain: "write -- no-transaction as the first line of the file"
    // Their files cannot say it.
    case .nodePgMigrate, .drizzle:
      "move those statements out of the file, and run them with psql"
    }
  }
}
