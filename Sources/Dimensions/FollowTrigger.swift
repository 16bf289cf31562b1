internal import Postgres
internal import OwnSchema

/// The trigger that keeps a second column up to date with the column that the application uses.
///
/// Before the swap, the second column is the new one; after the swap, it is the old one.
struct FollowTrigger {
  let connection: Connection
  let column: VectorColumn
  private let change: Int
  /// The column of texts; nil where new vectors are made from old vectors.
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

  /// The first part of the trigger functions' names; the number of the change follows it.
  static let prefix = "follow_change_"

  /// The name of the trigger.
  ///
  /// Triggers fire in the order of their names. This trigger's name is late in the alphabet,
  /// because it must see the changes that other triggers make.
  var name: Identifier { Identifier("\(Self.namePrefix)\(change)") }

  /// The first part of the triggers' names; the number of the change follows it.
  static let namePrefix = "zz_vector_ferry_follow_"

  /// The column that the trigger watches.
  private var source: Identifier { text ?? column.name }

  /// Creates the trigger and its function, so that every write also fills the new column.
  ///
  /// The trigger also fires in sessions that replay another server's writes.
  func install(filling target: Identifier) throws {
    try write(filling: target)
    // The condition is always true. Because it names the column, the server refuses to change that
    // column's type, which would rewrite the rows without firing a trigger.
    try connection.execute(
      script: FollowTriggerQueries.install(
        trigger: name, table: column.sql, source: source, function: function))
  }

  /// Returns true where the trigger exists and is enabled ALWAYS, so that it also fires for writes
  /// replayed from another server; otherwise the second column may be out of date.
  func isAlwaysOn() throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT tgenabled = 'A' FROM pg_trigger
      WHERE tgrelid = to_regclass(\(column.table)) AND tgname = \(name.name)
      """) ?? false
  }

  /// Returns true where the second column is up to date for certain.
  ///
  /// The column may be out of date where the trigger is not enabled ALWAYS, where another trigger fires
  /// later, or where the watched column's name now belongs to another column.
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
  /// Writes the function that fills the new column at every write.
  ///
  /// When the program itself fills older rows, other triggers may change the row as well, such as
  /// its `updated_at`; the function reverts these changes. The function has its owner's rights,
  /// because roles that write to the table need no right to read models. Therefore it refuses other
  /// tables and other column types: a domain check or cast of another role would run with the same
  /// rights.
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

  /// Returns the statements that the function executes for writes of the application.
  ///
  /// Where new vectors are made from texts, the function sets the new vector to null, because no
  /// service can be called during a write. In that case, a value that the application writes into
  /// the new column is reverted, too.
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

  /// The types of a column of texts; PostgreSQL's own operators compare them.
  static let textTypes: SQL = "'text'::regtype, 'varchar'::regtype"

  /// Writes the function for the time after the swap.
  ///
  /// Where a write changes a new vector but not the old vector of the same row, the function sets
  /// the old vector to null. It reads nothing else, so it runs with the rights of the writer.
  func write(keeping old: Identifier) throws {
    try write(FollowTriggerQueries.keepingBody(column: column.name, old: old), asOwner: false)
  }

  /// Writes the trigger's function, and revokes the right to execute it from other roles.
  ///
  /// The trigger also fires for roles without this right. A role with the right could attach the
  /// function to a table of its own.
  private func write(_ body: SQL, asOwner: Bool) throws {
    let rights: SQL = asOwner ? "SECURITY DEFINER" : "SECURITY INVOKER"
    try connection.execute(
      script: """
        CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql
        \(rights) SET search_path = pg_catalog, pg_temp
        AS \(Literal(body.text));
        """ + Self.revocation(of: function))
  }

  /// Returns SQL that takes the right to execute a trigger's function from all roles except the
  /// owner.
  static func revocation(of function: QualifiedName) -> SQL {
    FollowTriggerQueries.revoke(function: Literal("\(function.quoted)()"))
  }

  /// Returns the number of the table, because the table may be renamed during the change.
  private func relation() throws(PostgresError) -> String {
    try connection.scalar("SELECT to_regclass(\(column.table))::oid::text") ?? "0"
  }
}
