/// The forms of migration files that the program reads, most of them forms of other tools.
package enum MigrationForm: String, Sendable, CaseIterable {
  /// Files in which `-- migrate:up` and `-- migrate:down` begin the parts.
  case sections = "dbmate"
  /// Pairs of files: `N_NAME.up.sql` and `N_NAME.down.sql`.
  case pairs = "golang-migrate"
  /// Files without any mark, which have only an up part.
  case plain = "plain SQL"
  /// Files in which `-- +goose Up` and `-- +goose Down` begin the parts.
  case goose
  /// Files in which `-- +migrate Up` and `-- +migrate Down` begin the parts.
  case sqlMigrate = "sql-migrate"
  /// Files in which `---- create above / drop below ----` stands between the up and the down part.
  case tern
  /// Files in which `-- Up Migration` and `-- Down Migration` begin the parts.
  case nodePgMigrate = "node-pg-migrate"
  /// Files with `--> statement-breakpoint` between the statements.
  case drizzle = "Drizzle"
  /// Files named `V1__NAME.sql`, `U1__NAME.sql` or `R__NAME.sql`.
  case flyway = "Flyway"
  /// A folder with `sqitch.plan`, and scripts in `deploy`, `revert` and `verify`.
  case sqitch = "Sqitch"

  /// True for the forms that may be mixed in one folder.
  package var isOwn: Bool { self == .sections || self == .pairs || self == .plain }

  /// True for a tool whose folder may also have files without a mark, with only an up part.
  package var allowsPlainFiles: Bool {
    self == .tern || self == .nodePgMigrate || self == .drizzle
  }

  /// True for forms in which a hyphen may follow the number in a file's name.
  package var allowsHyphens: Bool { self == .sqlMigrate || self == .nodePgMigrate }

  /// The mark that begins an up part; `-- migrate:up` for forms without such a mark.
  package var upMark: String {
    switch self {
    case .goose: "-- +goose Up"
    case .sqlMigrate: "-- +migrate Up"
    case .nodePgMigrate: "-- Up Migration"
    default: "-- migrate:up"
    }
  }

  /// The remedy for a missing down part.
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

  /// The remedy where the statements of a file must not be one transaction.
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
      "remove from the file the statements that cannot run in a transaction, and run these "
        + "statements yourself in psql"
    }
  }
}
