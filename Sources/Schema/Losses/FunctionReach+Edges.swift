internal import Postgres

extension FunctionReach {
  /// That something which runs makes something else run: a trigger's table its function.
  struct Edge {
    /// What may run, or have something run.
    enum End: Hashable {
      case function(Int)
      /// A relation, by writing to it.
      case written(Int)
      /// A view, type or table with policies, by using it.
      case used(Int)
      /// Any statement.
      case everything
    }

    let from: End
    let to: End
    /// The name of what `to` stands for.
    let name: String

    static func read(_ connection: Connection) throws(PostgresError) -> [Edge] {
      let rows = try connection.query(query)
      return try rows.map { (row) throws(PostgresError) in
        let from: Int = try rows.value(row, 1)
        let to: Int = try rows.value(row, 3)
        let start: End =
          switch try rows.value(row, 0, as: String.self) {
          case "function": .function(from)
          case "written": .written(from)
          default: .used(from)
          }
        let end: End =
          switch try rows.value(row, 2, as: String.self) {
          case "function": .function(to)
          case "written": .written(to)
          case "used": .used(to)
          default: .everything
          }
        return Edge(from: start, to: end, name: try rows.value(row, 4))
      }
    }

    private static let query: SQL = """
      SELECT 'function'::text, t.tgfoid::bigint, 'written'::text, c.oid::bigint, c.relname::text
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
      UNION ALL SELECT 'function', evtfoid::bigint, 'everything', 0, '' FROM pg_event_trigger
      UNION ALL
      SELECT 'function', d.refobjid::bigint,
        CASE WHEN d.classid IN ('pg_attrdef'::regclass, 'pg_class'::regclass) OR k.conrelid <> 0
               THEN 'written'
             WHEN d.classid = 'pg_proc'::regclass THEN 'function'
             WHEN d.classid IN ('pg_policy'::regclass, 'pg_rewrite'::regclass,
                                'pg_constraint'::regclass) THEN 'used'
             ELSE 'everything' END,
        coalesce(f.oid, c.oid, y.oid, 0)::bigint, coalesce(f.proname, c.relname, y.typname, '')::text
      FROM pg_depend d
      LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
      LEFT JOIN pg_index x ON d.classid = 'pg_class'::regclass AND x.indexrelid = d.objid
      LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
      LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      LEFT JOIN pg_proc f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid
      LEFT JOIN pg_class c ON c.oid = coalesce(
        a.adrelid, x.indrelid, nullif(k.conrelid, 0), p.polrelid, r.ev_class,
        CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END)
      LEFT JOIN pg_type y ON y.oid = nullif(k.contypid, 0)
      WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384
        AND d.classid NOT IN ('pg_trigger'::regclass, 'pg_event_trigger'::regclass)
      UNION ALL
      SELECT 'written', k.conrelid::bigint, 'written', c.oid::bigint, c.relname::text
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid
      WHERE k.contype = 'f' AND (k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r'))
      UNION ALL
      SELECT 'written', h.inhrelid::bigint, 'written', c.oid::bigint, c.relname::text
      FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent
      UNION ALL
      SELECT w, d.refobjid::bigint, w, c.oid::bigint, c.relname::text
      FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class,
        unnest(ARRAY['written', 'used']) AS w
      WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid <> r.ev_class
      """
  }
}
