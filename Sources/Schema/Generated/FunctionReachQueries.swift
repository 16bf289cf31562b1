// Written by Scripts/embed-sets.py from Sources/Schema/SQL/function_reach.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of function_reach.sql.
enum FunctionReachQueries {
  /// Finds a function that an operator, a cast or an operator class calls.
  static func functionOfOperator(functions: SQL) -> SQL {
#"""
SELECT min(p.proname::text) FROM pg_proc p WHERE p.oid IN (\#(functions)) AND (
  EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
  OR EXISTS (SELECT FROM pg_cast o WHERE o.castfunc = p.oid)
  OR EXISTS (SELECT FROM pg_amproc o WHERE o.amproc = p.oid))
"""#
  }

  /// Finds a function that an index or extended statistics call.
  static func functionOfExpression(functions: SQL) -> SQL {
#"""
SELECT min(p.proname::text) FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
WHERE d.refclassid = 'pg_proc'::regclass AND p.oid IN (\#(functions))
  AND (d.classid = 'pg_statistic_ext'::regclass OR d.classid = 'pg_class'::regclass
    AND EXISTS (SELECT FROM pg_index x WHERE x.indexrelid = d.objid))
"""#
  }

  /// Reads the functions that fulfil a condition: body, settings, and whether they are trusted and
  /// volatile.
  static func functions(body: SQL, condition: SQL) -> SQL {
#"""
SELECT p.oid::bigint, p.proname::text, \#(body), coalesce(p.proconfig::text, ''), l.lanpltrusted,
       p.provolatile = 'v'
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND (\#(condition))
"""#
  }

  /// Lists which object runs which other object: by triggers, dependencies, foreign keys, partitions,
  /// views and stored expressions.
  static let edges: SQL = #"""
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
"""#

  /// Lists the objects that run the functions of types: these functions run wherever a value of the
  /// type is made, such as in a column, in another type or in an argument.
  static let types: SQL = #"""
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
"""#

  /// Lists the objects that run some functions because a stored expression calls the functions, or
  /// because an object was built from them. In a stored expression each call contains the function's
  /// number.
  static func expressions(pattern: Literal, functions: SQL) -> SQL {
#"""
SELECT 'function', substring(e.text FROM \#(pattern))::bigint, e.kind,
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
WHERE e.text ~ \#(pattern)
UNION ALL
SELECT 'function', o.oprcode::oid::bigint, 'everything', 0, '' FROM pg_operator o
WHERE o.oid >= 16384 AND o.oprcode IN (\#(functions))
UNION ALL
SELECT 'function', o.castfunc::bigint, 'everything', 0, '' FROM pg_cast o
WHERE o.oid >= 16384 AND o.castfunc IN (\#(functions))
UNION ALL
SELECT 'function', u.number::bigint, 'function', p.oid::bigint, p.proname::text
FROM pg_aggregate o JOIN pg_proc p ON p.oid = o.aggfnoid
CROSS JOIN LATERAL (VALUES (o.aggtransfn::oid), (o.aggfinalfn::oid), (o.aggcombinefn::oid),
  (o.aggmtransfn::oid), (o.aggminvtransfn::oid), (o.aggmfinalfn::oid)) AS u(number)
WHERE p.oid >= 16384 AND u.number IN (\#(functions))
"""#
  }
}
