package import OwnSchema
package import Postgres

extension VectorTable {
  /// Returns the application's triggers and rules that fire when this program writes, each as text:
  /// `audit (AFTER INSERT OR UPDATE)`.
  ///
  /// Triggers of partitions are included. This program's own triggers are not: they are recognised
  /// by the function that they call, its owner and when they fire, not by their names. Rules do not
  /// fire for COPY, which adds the rows unless row-level security binds the role.
  package func triggers(on connection: Connection) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      WITH RECURSIVE \(TrustedRoles(table: catalogueName).tables), places AS (
        SELECT to_regclass(\(catalogueName))::oid AS oid
        UNION SELECT relid::oid FROM pg_partition_tree(to_regclass(\(catalogueName)))
      ), found AS (
        SELECT g.tgname::text AS name,
               CASE WHEN g.tgtype & 2 <> 0 THEN 'BEFORE ' ELSE 'AFTER ' END
                 || array_to_string(ARRAY[
                      CASE WHEN g.tgtype & 4 <> 0 THEN 'INSERT' END,
                      CASE WHEN g.tgtype & 8 <> 0 THEN 'DELETE' END,
                      CASE WHEN g.tgtype & 16 <> 0 THEN 'UPDATE' END], ' OR ')
                 || CASE WHEN g.tginitdeferred THEN ', at COMMIT' ELSE '' END AS what
        FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE g.tgrelid IN (SELECT oid FROM places) AND NOT g.tgisinternal AND g.tgparentid = 0
          AND g.tgenabled IN ('O', 'A') AND g.tgtype & 28 <> 0
          AND NOT (p.proowner IN (SELECT oid FROM trusted) AND \(isOurs))
        UNION ALL
        SELECT w.rulename::text,
               'rule ON ' || CASE w.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT'
                                            ELSE 'DELETE' END
        FROM pg_rewrite w
        WHERE w.ev_class IN (SELECT oid FROM places) AND w.ev_type <> '1' AND w.ev_enabled <> 'D'
          AND (w.ev_type <> '3' OR \(hasActiveRowSecurity))
      )
      SELECT DISTINCT name || ' (' || what || ')' FROM found ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  /// The SQL condition for a trigger of this program: the function `p` in the schema `n` is one
  /// that this program's triggers call, and the trigger `g` fires as this program's triggers do,
  /// BEFORE UPDATE or BEFORE INSERT OR UPDATE, FOR EACH ROW.
  private var isOurs: SQL {
    """
    (n.nspname = \(FerrySchema.name.name) AND starts_with(p.proname::text, 'follow_change_')
        AND g.tgtype = 1 | 2 | 4 | 16
      OR n.nspname = \(name.schema?.name) AND p.proname = \(touchFunction.name.name)
        AND g.tgtype = 1 | 2 | 16 AND g.tgqual IS NULL
        AND regexp_replace(p.prosrc, '\\s+', ' ', 'g') IN
          (' BEGIN NEW.updated_at := pg_catalog.now(); RETURN NEW; END ',
           ' BEGIN NEW.updated_at := now(); RETURN NEW; END '))
    """
  }

  /// Returns why the table cannot keep documents: its rows would be lost at the end of the session
  /// or after a crash of the server, or are stored on another server; nil where they are kept.
  package func persistenceObstacle(on connection: Connection) throws(PostgresError) -> SchemaError?
  {
    let rows = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, c.relname), c.relpersistence::text, c.relkind::text
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE (c.oid = to_regclass(\(catalogueName))
          OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(\(catalogueName)))))
        AND (c.relpersistence <> 'p' OR c.relkind = 'f')
      ORDER BY c.relpersistence <> 't', 1 LIMIT 1
      """)
    guard rows.rowCount == 1 else { return nil }
    let place: String = try rows.value(0, 0)
    if try rows.value(0, 2, as: String.self) == "f" {
      return Self.foreign(place)
    }
    if try rows.value(0, 1, as: String.self) == "t" {
      return SchemaError(
        "\(place) is a temporary table: its rows are deleted when the session ends",
        remedy: "name a permanent one with --table")
    }
    return SchemaError(
      "\(place) is UNLOGGED: what is committed there is lost after a crash of the server",
      remedy: "ALTER TABLE \(place) SET LOGGED")
  }

  /// Returns the refusal of a table that another server holds.
  static func foreign(_ place: String) -> SchemaError {
    SchemaError(
      "\(place) is a foreign table: its rows are on another server, outside of this server's "
        + "transactions",
      remedy: "name a table of this database with --table")
  }
}

extension FerrySchema {
  /// Returns tables of this program's schema whose rows are lost after a crash of the server.
  package static func persistenceObstacle(on connection: Connection) throws(PostgresError)
    -> [SchemaError]
  {
    let rows = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, c.relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = \(name.name) AND c.relkind IN ('r', 'p') AND c.relpersistence = 'u'
      ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in
      let place: String = try rows.value(row, 0)
      return SchemaError(
        "\(place) is UNLOGGED: what runs record there is lost after a crash of the server",
        remedy: "ALTER TABLE \(place) SET LOGGED")
    }
  }
}
