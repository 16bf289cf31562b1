internal import Postgres
internal import OwnSchema

/// The trigger that keeps the unused column in step with the one that has the name.
struct FollowTrigger {
  let connection: Connection
  let column: VectorColumn
  private let change: Int
  /// The column of texts, where vectors are made from texts.
  private let text: Identifier?
  private let vector: QualifiedName

  init(_ change: ChangeRecord, _ column: VectorColumn, on connection: Connection) throws {
    self.change = change.id
    text = change.model.map { Identifier($0.textColumn) }
    self.column = column
    self.connection = connection
    vector = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
  }

  private var function: QualifiedName {
    QualifiedName(schema: FerrySchema.name, Identifier("\(Self.prefix)\(change)"))
  }

  /// The prefix of the functions' names.
  static let prefix = "follow_change_"

  /// Triggers fire in the order of their names: this one must fire after the others, to see their
  /// changes.
  var name: Identifier { Identifier("\(Self.namePrefix)\(change)") }

  /// The prefix of the triggers' names.
  static let namePrefix = "zz_vector_ferry_follow_"

  /// The column whose changes the trigger follows.
  private var source: Identifier { text ?? column.name }

  /// Creates the trigger, so that every write also fills the new column; it fires in sessions that
  /// replay another server's writes, too.
  func install(filling target: Identifier) throws {
    try write(filling: target)
    // The condition is always true. Because it names the column, the server refuses to change that
    // column's type, which would rewrite the rows without firing a trigger.
    try connection.execute(
      script: """
        DROP TRIGGER IF EXISTS \(name) ON \(column.sql);
        CREATE TRIGGER \(name) BEFORE INSERT OR UPDATE ON \(column.sql)
          FOR EACH ROW WHEN (NEW.\(source) IS NULL OR NEW.\(source) IS NOT NULL)
          EXECUTE FUNCTION \(function)();
        ALTER TABLE \(column.sql) ENABLE ALWAYS TRIGGER \(name);
        """)
  }

  /// Returns false where the trigger was disabled, dropped, or set not to fire for replayed writes:
  /// then the unused column may be out of date.
  func isAlwaysOn() throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT tgenabled = 'A' FROM pg_trigger
      WHERE tgrelid = to_regclass(\(column.table)) AND tgname = \(name.name)
      """) ?? false
  }

  /// Returns false where the column that is filled may be out of date for any reason: also where
  /// another trigger fires later, or where the name of the followed column now belongs to another
  /// column.
  func isReliable() throws(PostgresError) -> Bool {
    guard try isAlwaysOn(), try followsSource() else { return false }
    return try column.laterTriggers(on: connection).isEmpty
  }

  private func followsSource() throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (
        SELECT FROM pg_trigger g JOIN pg_depend d
          ON d.classid = 'pg_trigger'::regclass AND d.objid = g.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = g.tgrelid
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE g.tgrelid = to_regclass(\(column.table)) AND g.tgname = \(name.name)
          AND a.attname = \(source.name))
      """) ?? false
  }

  /// Drops the trigger and its function.
  func remove() throws {
    try connection.execute(
      script: """
        DROP TRIGGER IF EXISTS \(name) ON \(column.sql);
        DROP FUNCTION IF EXISTS \(function)();
        """)
  }
}

// MARK: The function

extension FollowTrigger {
  /// Writes the function that keeps the new column in step.
  ///
  /// Filling older rows must not look like a change of the application: what other triggers did to
  /// the row, such as a new `updated_at`, is reverted. The function has its owner's rights, because
  /// roles that write to the table need no right to read models. Therefore it serves only this
  /// table, and only columns of these types: another role's domain check or cast would also run
  /// with those rights.
  func write(filling target: Identifier) throws {
    let names = [column.name, target].map { Literal($0.name) }
    let texts: SQL =
      text.map { "OR a.attname = \(Literal($0.name)) AND a.atttypid IN (\(Self.textTypes))" } ?? ""
    let body: SQL = """
      DECLARE
        filled \(vector);
        caller text := current_setting('vector_ferry.filling', true);
      BEGIN
        IF (TG_RELID <> \(Literal(try relation()))::oid
            AND TG_RELID IS DISTINCT FROM to_regclass(\(Literal(column.table)))::oid)
          OR (SELECT count(*) FROM pg_attribute a
              WHERE a.attrelid = TG_RELID AND (a.attname IN (\(names[0]), \(names[1]))
                AND a.atttypid = \(Literal(vector.quoted))::regtype \(texts)))
            <> \(number: text == nil ? 2 : 3)
        THEN
          RAISE EXCEPTION 'this function serves % alone', \(Literal(column.table))
            USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF TG_OP = 'UPDATE' AND caller <> '' AND EXISTS (
          SELECT FROM vector_ferry.dimension_changes c
          WHERE c.id = \(number: change) AND c.filler = caller
            AND split_part(c.filler, ' ', 1) = pg_backend_pid()::text)
        THEN
          filled := NEW.\(target);
          NEW := OLD;
          NEW.\(target) := filled;
        \(following(target))
        END IF;
        RETURN NEW;
      END
      """
    try write(body, asOwner: true)
  }

  /// Returns the statements for a write of another session.
  ///
  /// Where vectors are made from texts, no service can be called during a write: null marks a
  /// vector that must be made. A value that another session writes into the new column is reverted.
  private func following(_ target: Identifier) -> SQL {
    let isNew: SQL = """
      TG_OP = 'INSERT' OR NEW.\(column.name)::real[] IS DISTINCT FROM OLD.\(column.name)::real[]
      """
    guard let text else {
      return """
        ELSIF \(isNew) THEN
          NEW.\(target) :=
            vector_ferry.change_vector(\(number: change)::bigint, NEW.\(column.name), false);
        """
    }
    return """
      ELSIF \(isNew)
        OR NEW.\(text)::text COLLATE "C" IS DISTINCT FROM OLD.\(text)::text COLLATE "C"
      THEN
        NEW.\(target) := NULL;
      ELSE
        NEW.\(target) := OLD.\(target);
      """
  }

  /// The types that a column of texts may have; their operators are PostgreSQL's own.
  static let textTypes: SQL = "'text'::regtype, 'varchar'::regtype"

  /// Writes the function for the time after the swap: where a vector changes, its old counterpart
  /// becomes null, unless it is written too.
  ///
  /// The function reads nothing else, so it runs with the rights of the writer.
  func write(keeping old: Identifier) throws {
    try write(
      """
      BEGIN
        IF TG_OP = 'UPDATE'
          AND NEW.\(column.name)::real[] IS DISTINCT FROM OLD.\(column.name)::real[]
          AND NEW.\(old)::real[] IS NOT DISTINCT FROM OLD.\(old)::real[]
        THEN
          NEW.\(old) := NULL;
        END IF;
        RETURN NEW;
      END
      """, asOwner: false)
  }

  /// Writes the trigger's function, and revokes the right to execute it from other roles.
  ///
  /// A trigger fires even for roles without this right; but a role with it could attach the
  /// function to its own table.
  private func write(_ body: SQL, asOwner: Bool) throws {
    let rights: SQL = asOwner ? "SECURITY DEFINER" : "SECURITY INVOKER"
    try connection.execute(
      script: """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
        \(rights) SET search_path = pg_catalog, pg_temp
        AS \(Literal(body.text));
        """ + Self.revocation(of: function))
  }

  /// Returns SQL that revokes the right to execute a trigger's function from every role but its
  /// owner.
  static func revocation(of function: QualifiedName) -> SQL {
    """
    DO $do$
    DECLARE
      grantee oid;
    BEGIN
      FOR grantee IN
        SELECT DISTINCT a.grantee
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE p.oid = to_regprocedure(\(Literal("\(function.quoted)()"))) AND a.grantee <> p.proowner
      LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION \(function)() FROM %s CASCADE',
          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END);
      END LOOP;
    END
    $do$;
    """
  }

  /// Returns the table's object id: the table may be renamed during the change.
  private func relation() throws(PostgresError) -> String {
    try connection.scalar("SELECT to_regclass(\(column.table))::oid::text") ?? "0"
  }
}
