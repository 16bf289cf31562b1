/// A way of writing migrations that is read: the program's own ones, or another tool's.
package enum MigrationForm: String, Sendable, CaseIterable {
  /// Sections behind `-- migrate:up` and `-- migrate:down`.
  case sections = "dbmate"
  /// `N_NAME.up.sql` and `N_NAME.down.sql`.
  case pairs = "golang-migrate"
  /// A file without any mark: its way up, and no way down.
  case plain = "plain SQL"
  /// Sections behind `-- +goose Up` and `-- +goose Down`.
  case goose
  /// Sections behind `-- +migrate Up` and `-- +migrate Down`.
  case sqlMigrate = "sql-migrate"
  /// A line `---- create above / drop below ----` between both ways.
  case tern
  /// Sections behind `-- Up Migration` and `-- Down Migration`.
  case nodePgMigrate = "node-pg-migrate"
  /// Plain SQL with `--> statement-breakpoint` between the statements.
  case drizzle = "Drizzle"
  /// `V1__NAME.sql`, `U1__NAME.sql`, `R__NAME.sql`.
  case flyway = "Flyway"
  /// `sqitch.plan` with scripts in `deploy`, `revert` and `verify`.
  case sqitch = "Sqitch"

  /// True for the forms that may stand side by side in one folder.
  package var isOwn: Bool { self == .sections || self == .pairs || self == .plain }

  /// True where a file without a mark is the tool's own, too, and only goes up.
  package var allowsPlainFiles: Bool {
    self == .tern || self == .nodePgMigrate || self == .drizzle
  }

  /// True where a hyphen may follow the number of a file's name.
  package var allowsHyphens: Bool { self == .sqlMigrate || self == .nodePgMigrate }

  /// The mark that begins a way up, as files of the form have it.
  package var upMark: String {
    switch self {
    case .goose: "-- +goose Up"
    case .sqlMigrate: "-- +migrate Up"
    case .nodePgMigrate: "-- Up Migration"
    default: "-- migrate:up"
    }
  }

  /// How a file gets a way down.
  package var downAdvice: String {
    switch self {
    case .goose: "write -- +goose Down"
    case .sqlMigrate: "write -- +migrate Down"
    case .tern: "write it behind a line ---- create above / drop below ----"
    case .nodePgMigrate: "write -- Down Migration"
    case .flyway: "write it into a file of the same version, U…__….sql"
    case .sqitch: "write it into the revert folder, under the same name"
    case .drizzle: "write a migration that undoes it"
    case .sections, .pairs, .plain: "write -- migrate:down"
    }
  }

  /// How a file says that its statements are not to be one transaction.
  package var transactionAdvice: String {
    switch self {
    case .goose: "write -- +goose NO TRANSACTION at its top"
    case .sqlMigrate: "write notransaction behind its -- +migrate line"
    case .tern: "write ---- tern: disable-tx ---- into it"
    case .flyway: "write executeInTransaction=false into a file of its name with .conf behind it"
    case .sqitch: "write BEGIN and COMMIT around its other statements"
    case .nodePgMigrate, .drizzle, .sections, .pairs, .plain:
      "write transaction:false behind its -- migrate: line"
    }
  }
}
