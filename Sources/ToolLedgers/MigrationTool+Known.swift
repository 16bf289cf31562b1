internal import Postgres
internal import SQLText

extension MigrationTool {
  /// The tools whose tables are recognised; where several of them fit a table, the first one counts.
  package static let known: [MigrationTool] =
    [knex, golangMigrate, ecto, rails, dbmate, supabase, cartrita, goose, sqlMigrate, tern]
    + [nodePgMigrate, flyway, sqitch, drizzle, sqlx, prisma, alembic, django, typeORM]
    + [sequelize, liquibase]

  // MARK: Tools whose table is often called schema_migrations

  private static let knex = MigrationTool(
    "knex", ["knex_migrations"], columns: ["name": .text, "batch": .number, "migration_time": .any]
  ) { byName($0, "name", time: "migration_time", order: "id") }

  private static let golangMigrate = MigrationTool(
    "golang-migrate", ["schema_migrations"], [.pairs],
    columns: ["version": .number, "dirty": .truth], isExact: true, listsNewestOnly: true
  ) { "SELECT version::text, NULL::text, NULL::text, NOT dirty FROM \($0)" }

  private static let ecto = MigrationTool(
    "Ecto", ["schema_migrations"], columns: ["version": .number, "inserted_at": .any],
    isExact: true
  ) { byVersion($0, time: "inserted_at") }

  private static let rails = MigrationTool(
    "Rails", ["schema_migrations"], columns: ["version": .text], isExact: true,
    neighbour: "ar_internal_metadata"
  ) { byVersion($0) }

  private static let dbmate = MigrationTool(
    "dbmate", ["schema_migrations"], [.sections], columns: ["version": .text], isExact: true
  ) { byVersion($0) }

  private static let supabase = MigrationTool(
    "Supabase", ["supabase_migrations.schema_migrations"], [.plain],
    columns: ["version": .text, "name": .text, "statements": .any]
  ) { byVersion($0, name: "name") }

  private static let cartrita = MigrationTool(
    "Cartrita's migration runner", ["schema_migrations"],
    columns: ["version": .text, "applied_at": .any, "description": .text]
  ) { ToolLedgersQueries.cartrita(table: $0) }

  // MARK: Tools with a table of their own name

  private static let goose = MigrationTool(
    "goose", ["goose_db_version"], [.goose],
    columns: ["id": .number, "version_id": .number, "is_applied": .truth, "tstamp": .any]
  ) { ToolLedgersQueries.goose(table: $0) }

  private static let sqlMigrate = MigrationTool(
    "sql-migrate", ["gorp_migrations"], [.sqlMigrate],
    columns: ["id": .text, "applied_at": .any], isExact: true
  ) { byName($0, "id", time: "applied_at", order: "applied_at, id") }

  private static let tern = MigrationTool(
    "tern", ["schema_version"], [.tern], columns: ["version": .number], isExact: true
  ) { ToolLedgersQueries.tern(table: $0) }

  private static let nodePgMigrate = MigrationTool(
    "node-pg-migrate", ["pgmigrations"], [.nodePgMigrate],
    columns: ["id": .number, "name": .text, "run_on": .any]
  ) { byName($0, "name", time: "run_on", order: "run_on, id") }

  private static let flyway = MigrationTool(
    "Flyway", ["flyway_schema_history"], [.flyway],
    columns: [
      "installed_rank": .number, "version": .text, "type": .text, "script": .text,
      "installed_on": .any, "success": .truth,
    ]
  ) { ToolLedgersQueries.flyway(table: $0) }

  private static let sqitch = MigrationTool(
    "Sqitch", ["sqitch.changes"], [.sqitch],
    columns: ["change_id": .any, "change": .text, "committed_at": .any]
  ) { byName($0, "change", time: "committed_at", order: "committed_at") }

  private static let drizzle = MigrationTool(
    "Drizzle", ["drizzle.__drizzle_migrations"], [.drizzle],
    columns: ["id": .number, "hash": .text, "created_at": .number], isExact: true
  ) { ToolLedgersQueries.drizzle(table: $0) }

  private static let sqlx = MigrationTool(
    "SQLx", ["_sqlx_migrations"], [.pairs, .plain],
    columns: [
      "version": .number, "description": .text, "installed_on": .any, "success": .truth,
    ]
  ) {
    """
    SELECT version::text, description::text, installed_on::text, success FROM \($0)
    ORDER BY version
    """
  }

  // MARK: Tools whose files this program does not read

  private static let prisma = MigrationTool(
    "Prisma", ["_prisma_migrations"],
    columns: [
      "migration_name": .text, "started_at": .any, "finished_at": .any, "rolled_back_at": .any,
    ]
  ) { ToolLedgersQueries.prisma(table: $0) }

  private static let alembic = MigrationTool(
    "Alembic", ["alembic_version"], columns: ["version_num": .text], isExact: true
  ) { byName($0, "version_num", time: "NULL", order: "version_num") }

  private static let django = MigrationTool(
    "Django", ["django_migrations"], columns: ["app": .text, "name": .text, "applied": .any]
  ) { byName($0, "name", time: "applied", order: "id") }

  private static let typeORM = MigrationTool(
    "TypeORM", ["migrations"], columns: ["id": .number, "timestamp": .number, "name": .text],
    isExact: true
  ) {
    "SELECT \"timestamp\"::text, name::text, NULL::text, true FROM \($0) ORDER BY \"timestamp\""
  }

  private static let sequelize = MigrationTool(
    "Sequelize", ["\"SequelizeMeta\""], columns: ["name": .text], isExact: true
  ) { byName($0, "name", time: "NULL", order: "name") }

  private static let liquibase = MigrationTool(
    "Liquibase", ["databasechangelog"],
    columns: ["id": .text, "author": .text, "filename": .text, "orderexecuted": .number]
  ) { byName($0, "id", time: "dateexecuted", order: "orderexecuted") }

  // MARK: Forms of queries

  private static func byName(_ table: SQL, _ name: SQL, time: SQL, order: SQL) -> SQL {
    ToolLedgersQueries.byName(table: table, name: name, time: time, order: order)
  }

  private static func byVersion(_ table: SQL, name: SQL = "NULL", time: SQL = "NULL") -> SQL {
    ToolLedgersQueries.byVersion(table: table, name: name, time: time)
  }
}
