internal import Postgres
internal import Schema

/// The trigger that keeps the column without the name in step with the one that bears it.
struct FollowTrigger {
  let connection: Connection
  let column: VectorColumn
  private let change: Int
  private let path: SQL

  init(change: Int, column: VectorColumn, on connection: Connection) throws {
    self.change = change
    self.column = column
    self.connection = connection
    let vector = try FerrySchema.vectorSchema(on: connection)
    path = "SET search_path = pg_catalog, \(vector), vector_ferry, pg_temp"
  }

  private var function: QualifiedName {
    QualifiedName(schema: FerrySchema.name, Identifier("follow_change_\(change)"))
  }

  /// Triggers fire in the order of their names: this one is to see what the others have made.
  private var name: Identifier { Identifier("zz_vector_ferry_follow_\(change)") }

  /// Every write fills the new column, too.
  ///
  /// Filling older rows must look to nobody like a change: what other triggers did to the row,
  /// such as a new `updated_at`, is taken back. The function has its owner's rights, because
  /// those who write to the table need not be allowed to read models.
  func install(filling target: Identifier) throws {
    try connection.execute(
      script: """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER \(path) AS $$
        DECLARE
          filled vector := NEW.\(target);
        BEGIN
          IF TG_OP = 'UPDATE' AND current_setting('vector_ferry.filling', true) = '1' THEN
            NEW := OLD;
            NEW.\(target) := filled;
          ELSIF TG_OP = 'INSERT' OR NEW.\(column.name) IS DISTINCT FROM OLD.\(column.name) THEN
            NEW.\(target) := vector_ferry.change_vector(\(number: change), NEW.\(column.name), false);
          END IF;
          RETURN NEW;
        END
        $$;
        CREATE TRIGGER \(name) BEFORE INSERT OR UPDATE ON \(column.sql)
          FOR EACH ROW EXECUTE FUNCTION \(function)();
        """)
  }

  /// After the swap a vector that changes has no old counterpart any more, unless it is given.
  func replace(keeping old: Identifier) throws {
    try connection.execute(
      script: """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER \(path) AS $$
        BEGIN
          IF TG_OP = 'UPDATE' AND NEW.\(column.name) IS DISTINCT FROM OLD.\(column.name)
            AND NEW.\(old) IS NOT DISTINCT FROM OLD.\(old)
          THEN
            NEW.\(old) := NULL;
          END IF;
          RETURN NEW;
        END
        $$;
        """)
  }

  /// Takes trigger and function away.
  func remove() throws {
    try connection.execute(
      script: """
        DROP TRIGGER IF EXISTS \(name) ON \(column.sql);
        DROP FUNCTION IF EXISTS \(function)();
        """)
  }
}
