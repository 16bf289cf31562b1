internal import Postgres

extension FunctionReach {
  /// The fact that one thing runs another: writing to a table, for example, runs the functions of
  /// its triggers.
  struct Edge {
    /// A thing that may be run, or that may run others.
    enum End: Hashable {
      case function(Int)
      /// The act of writing to a relation.
      case written(Int)
      /// The act of checking or storing a table's existing rows again.
      case rebuilt(Int)
      /// The use of a view, a type, or a table with policies.
      case used(Int)
      /// The execution of any statement.
      case everything
    }

    let from: End
    let to: End
    /// The name of the thing that `to` identifies.
    let name: String

    static func read(_ connection: Connection) throws(PostgresError) -> [Edge] {
      try edges(query + " UNION ALL " + types, on: connection)
    }

    /// Returns what runs some functions, because a stored expression of a table, view or type calls
    /// them, or because an object was built from them.
    ///
    /// The server records its own functions nowhere else.
    static func naming(_ functions: [Int], on connection: Connection)
      throws(PostgresError) -> [Edge]
    {
      guard !functions.isEmpty else { return [] }
      return try edges(expressions(naming: functions), on: connection)
    }

    private static func edges(_ query: SQL, on connection: Connection)
      throws(PostgresError) -> [Edge]
    {
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
          case "rebuilt": .rebuilt(to)
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
             WHEN d.classid IN ('pg_policy'::regclass, 'pg_rewrite'::regclass, 'pg_type'::regclass,
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
      LEFT JOIN pg_type y ON y.oid = coalesce(
        nullif(k.contypid, 0), CASE WHEN d.classid = 'pg_type'::regclass THEN d.objid END)
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
      UNION ALL
      SELECT 'function', d.refobjid::bigint, 'rebuilt', c.oid::bigint, c.relname::text
      FROM pg_depend d
      LEFT JOIN pg_index x ON d.classid = 'pg_class'::regclass AND x.indexrelid = d.objid
      LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
      LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
      JOIN pg_class c ON c.oid = coalesce(x.indrelid, k.conrelid, a.adrelid)
      WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384
      """

    /// The SQL for types: a type runs its functions wherever a value of it is made, such as in a
    /// column, in another type or in an argument.
    private static let types: SQL = """
      SELECT 'used', a.atttypid::bigint, CASE c.relkind WHEN 'c' THEN 'used' ELSE 'written' END,
        CASE c.relkind WHEN 'c' THEN c.reltype ELSE c.oid END::bigint, c.relname::text
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE a.atttypid >= 16384 AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'f', 'v', 'c')
      UNION ALL
      SELECT 'used', p.part::bigint, 'used', t.oid::bigint, t.typname::text
      FROM pg_type t CROSS JOIN LATERAL unnest(ARRAY[t.typbasetype, t.typelem]) AS p(part)
      WHERE p.part >= 16384
      UNION ALL
      SELECT 'used', u.type::bigint, 'function', p.oid::bigint, p.proname::text
      FROM pg_proc p CROSS JOIN LATERAL unnest(p.proargtypes::oid[] || p.prorettype) AS u(type)
      WHERE u.type >= 16384 AND p.oid >= 16384
      """

    /// Returns SQL for the stored expressions, in which each call contains the function's number.
    private static func expressions(naming functions: [Int]) -> SQL {
      let list = functions.sorted().map { "\($0)" }
      let numbers = SQL(script: list.joined(separator: ","))
      let pattern = ":(?:funcid|opfuncid|aggfnoid|winfnoid) (\(list.joined(separator: "|"))) "
      return """
        SELECT 'function', substring(e.text FROM \(Literal(pattern)))::bigint, e.kind,
          e.number::bigint, e.name::text
        FROM (
          SELECT k.kind, c.oid, c.relname, a.adbin::text
          FROM pg_attrdef a JOIN pg_class c ON c.oid = a.adrelid,
            unnest(ARRAY['written', 'rebuilt']) AS k(kind)
          UNION ALL
          SELECT k.kind, c.oid, c.relname, o.conbin::text
          FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid,
            unnest(ARRAY['written', 'rebuilt']) AS k(kind)
          WHERE o.conbin IS NOT NULL
          UNION ALL
          SELECT k.kind, c.oid, c.relname, concat(x.indexprs::text, x.indpred::text)
          FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid,
            unnest(ARRAY['written', 'rebuilt']) AS k(kind)
          WHERE x.indexprs IS NOT NULL OR x.indpred IS NOT NULL
          UNION ALL
          SELECT 'written', c.oid, c.relname, t.tgqual::text
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgqual IS NOT NULL
          UNION ALL
          SELECT 'used', y.oid, y.typname, o.conbin::text
          FROM pg_constraint o JOIN pg_type y ON y.oid = o.contypid
          UNION ALL
          SELECT 'used', y.oid, y.typname, y.typdefaultbin::text
          FROM pg_type y WHERE y.typdefaultbin IS NOT NULL
          UNION ALL
          SELECT 'used', c.oid, c.relname, concat(r.ev_action::text, r.ev_qual::text)
          FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.oid >= 16384
          UNION ALL
          SELECT 'used', c.oid, c.relname, concat(p.polqual::text, p.polwithcheck::text)
          FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        ) AS e(kind, number, name, text)
        WHERE e.text ~ \(Literal(pattern))
        UNION ALL
        SELECT 'function', o.oprcode::oid::bigint, 'everything', 0, '' FROM pg_operator o
        WHERE o.oid >= 16384 AND o.oprcode IN (\(numbers))
        UNION ALL
        SELECT 'function', o.castfunc::bigint, 'everything', 0, '' FROM pg_cast o
        WHERE o.oid >= 16384 AND o.castfunc IN (\(numbers))
        UNION ALL
        SELECT 'function', u.number::bigint, 'function', p.oid::bigint, p.proname::text
        FROM pg_aggregate o JOIN pg_proc p ON p.oid = o.aggfnoid
        CROSS JOIN LATERAL (VALUES (o.aggtransfn::oid), (o.aggfinalfn::oid), (o.aggcombinefn::oid),
          (o.aggmtransfn::oid), (o.aggminvtransfn::oid), (o.aggmfinalfn::oid)) AS u(number)
        WHERE p.oid >= 16384 AND u.number IN (\(numbers))
        """
    }
  }
}
