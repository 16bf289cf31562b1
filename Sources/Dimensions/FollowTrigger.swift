internal import Postgres
internal import OwnSchema

/// The trigger that keeps the column without the name in step with the one that bears it.
struct FollowTrigger {
  let connection: Connection
  let column: VectorColumn
  private let change: Int
  /// The column of texts, where these make the vectors.
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

  /// What the names of the functions begin with.
  static let prefix = "follow_change_"

  /// Triggers fire in the order of their names: this one is to see what the others have made.
  var name: Identifier { Identifier("\(Self.namePrefix)\(change)") }

  /// What the names of the triggers begin with.
  static let namePrefix = "zz_vector_ferry_follow_"

  /// The column whose changes it follows.
  private var source: Identifier { text ?? column.name }

  /// Every write fills the new column, too, in sessions that replay those of another server as well.
  func install(filling target: Identifier) throws {
    try write(filling: target)
    // The condition always holds. Because it names the column, the server refuses to give that
    // another type: its rows would be written anew without a trigger.
    try connection.execute(
      script: """
        DROP TRIGGER IF EXISTS \(name) ON \(column.sql);
        CREATE TRIGGER \(name) BEFORE INSERT OR UPDATE ON \(column.sql)
          FOR EACH ROW WHEN (NEW.\(source) IS NULL OR NEW.\(source) IS NOT NULL)
          EXECUTE FUNCTION \(function)();
        ALTER TABLE \(column.sql) ENABLE ALWAYS TRIGGER \(name);
        """)
  }

  /// False where somebody has switched the trigger off, or made it pass over replayed writes, or
  /// dropped it: then the column without the name may have fallen behind.
  func isAlwaysOn() throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT tgenabled = 'A' FROM pg_trigger
      WHERE tgrelid = to_regclass(\(column.table)) AND tgname = \(name.name)
      """) ?? false
  }

  /// False where the column that is filled may have fallen behind for any reason: also where another
  /// trigger has the last word, or the name of the column that it follows has gone to another one.
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

  /// Takes trigger and function away.
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
  /// Filling older rows must look to nobody like a change: what other triggers did to the row,
  /// such as a new `updated_at`, is taken back.
  ///
  /// The function has its owner's rights, because those who write to the table need not be allowed
  /// to read models. So it serves this table alone, and columns of this type alone: a domain's
  /// check or a cast of somebody else's would run with those rights, too.
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

  /// What becomes of the new column when somebody else writes.
  ///
  /// Where texts make the vectors, nobody can be asked for one within a write: null says that it
  /// is to be made. Whoever writes the column by himself finds his value taken back.
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

  /// The types that a column of texts may have, whose operators are PostgreSQL's own.
  static let textTypes: SQL = "'text'::regtype, 'varchar'::regtype"

  /// After the swap a vector that changes has no old counterpart any more, unless it is given.
  ///
  /// Nothing has to be read for that, so it runs with the rights of whoever writes.
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

  /// A trigger fires without anybody's right to execute its function; a right to execute it is one
  /// to attach it to a table of one's own.
  private func write(_ body: SQL, asOwner: Bool) throws {
    let rights: SQL = asOwner ? "SECURITY DEFINER" : "SECURITY INVOKER"
    try connection.execute(
      script: """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
        \(rights) SET search_path = pg_catalog, pg_temp
        AS \(Literal(body.text));
        """ + Self.revocation(of: function))
  }

  /// Takes the right to execute a trigger's function from everybody but its owner.
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

  /// The table's number: its name may change while the dimension does.
  private func relation() throws(PostgresError) -> String {
    try connection.scalar("SELECT to_regclass(\(column.table))::oid::text") ?? "0"
  }
}
