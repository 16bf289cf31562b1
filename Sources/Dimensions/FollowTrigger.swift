internal import Postgres
internal import OwnSchema

/// The trigger that keeps a second column up to date with the one that the application uses.
///
/// Before the swap, the second column is the new column; after the swap, it is the old column.
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

  /// Triggers fire in the order of their names: this trigger must fire after the other triggers, to
  /// see their changes.
  var name: Identifier { Identifier("\(Self.namePrefix)\(change)") }

  /// The prefix of the triggers' names.
  static let namePrefix = "zz_vector_ferry_follow_"

  /// The column whose changes the trigger follows.
  private var source: Identifier { text ?? column.name }

  /// Creates the trigger, so that every write also fills the new column; the trigger also fires in
  /// sessions that replay another server's writes.
  func install(filling target: Identifier) throws {
    try write(filling: target)
    // The condition is always true. Because it names the column, the server refuses to change that
    // column's type, which would rewrite the rows without firing a trigger.
    try connection.execute(
      script: FollowTriggerQueries.install(
        trigger: name, table: column.sql, source: source, function: function))
  }

  /// Returns false where the trigger was disabled, dropped, or set not to fire for replayed writes:
  /// then the second column may be out of date.
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
      FollowTriggerQueries.followsColumn(
        table: column.table, trigger: name.name, column: source.name)) ?? false
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
  /// Writes the function that keeps the new column up to date.
  ///
  /// Filling older rows must not look like a change of the application: what other triggers did to
  /// the row, such as a new `updated_at`, is reverted. The function has its owner's rights, because
  /// roles that write to the table need no right to read models. Therefore it serves only this
  /// table, and only columns of these types: another role's domain check or cast would also run
  /// with those rights.
  func write(filling target: Identifier) throws {
    let texts: SQL =
      text.map { "OR a.attname = \(Literal($0.name)) AND a.atttypid IN (\(Self.textTypes))" } ?? ""
    let body = FollowTriggerQueries.fillingBody(
      vector: vector, relation: Literal(try relation()), table: Literal(column.table),
      column: Literal(column.name.name), newColumn: Literal(target.name),
      vectorName: Literal(vector.quoted), texts: texts, columns: text == nil ? 2 : 3,
      change: change, target: target, following: following(target))
    try write(body, asOwner: true)
  }

  /// Returns the statements for a write of a session other than the one that fills.
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
    return FollowTriggerQueries.followingTexts(isNew: isNew, text: text, target: target)
  }

  /// The types that a column of texts may have; their operators are PostgreSQL's own.
  static let textTypes: SQL = "'text'::regtype, 'varchar'::regtype"

  /// Writes the function for the time after the swap: where a write changes a vector but not its
  /// counterpart in the old column, that counterpart becomes null.
  ///
  /// The function reads nothing else, so it runs with the rights of the writer.
  func write(keeping old: Identifier) throws {
    try write(FollowTriggerQueries.keepingBody(column: column.name, old: old), asOwner: false)
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
    FollowTriggerQueries.revoke(function: Literal("\(function.quoted)()"))
  }

  /// Returns the table's object id: the table may be renamed during the change.
  private func relation() throws(PostgresError) -> String {
    try connection.scalar("SELECT to_regclass(\(column.table))::oid::text") ?? "0"
  }
}
