// Written by Scripts/embed-sets.py from Sources/Dimensions/SQL/follow_trigger.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of follow_trigger.sql.
enum FollowTriggerQueries {
  /// Makes the trigger that changes a new column with the old one; the trigger also fires in sessions
  /// that replay another server's writes.
  static func install(
    trigger: Identifier,
    table: SQL,
    source: Identifier,
    function: QualifiedName
  ) -> SQL {
#"""
DROP TRIGGER IF EXISTS \#(trigger) ON \#(table);
CREATE TRIGGER \#(trigger) BEFORE INSERT OR UPDATE ON \#(table)
  FOR EACH ROW WHEN (NEW.\#(source) IS NULL OR NEW.\#(source) IS NOT NULL)
  EXECUTE FUNCTION \#(function)();
ALTER TABLE \#(table) ENABLE ALWAYS TRIGGER \#(trigger);
"""#
  }

  /// Returns true where a trigger depends on the column that has this name now.
  static func followsColumn(table: String, trigger: String, column: String) -> SQL {
#"""
SELECT EXISTS (
  SELECT FROM pg_trigger g JOIN pg_depend d
    ON d.classid = 'pg_trigger'::regclass AND d.objid = g.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = g.tgrelid
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE g.tgrelid = to_regclass(\#(table)) AND g.tgname = \#(trigger)
    AND a.attname = \#(column))
"""#
  }

  /// The trigger's body while a new column is filled: a write of another session also changes the new
  /// column. `texts` allows a column of texts, and `following` are the statements for such a write.
  static func fillingBody(
    vector: QualifiedName,
    relation: Literal,
    table: Literal,
    column: Literal,
    newColumn: Literal,
    vectorName: Literal,
    texts: SQL,
    columns: Int,
    change: Int,
    target: Identifier,
    following: SQL
  ) -> SQL {
#"""
DECLARE
  filled \#(vector);
  caller text := current_setting('vector_ferry.filling', true);
BEGIN
  IF (TG_RELID <> \#(relation)::oid
      AND TG_RELID IS DISTINCT FROM to_regclass(\#(table))::oid)
    OR (SELECT count(*) FROM pg_attribute a
        WHERE a.attrelid = TG_RELID AND (a.attname IN (\#(column), \#(newColumn))
          AND a.atttypid = \#(vectorName)::regtype \#(texts)))
      <> \#(number: columns)
  THEN
    RAISE EXCEPTION 'this function serves % alone', \#(table)
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'UPDATE' AND caller <> '' AND EXISTS (
    SELECT FROM vector_ferry.dimension_changes c
    WHERE c.id = \#(number: change) AND c.filler = caller
      AND split_part(c.filler, ' ', 1) = pg_backend_pid()::text)
  THEN
    filled := NEW.\#(target);
    NEW := OLD;
    NEW.\#(target) := filled;
  \#(following)
  END IF;
  RETURN NEW;
END
"""#
  }

  /// Sets the new vector to null where it must be made from the row's text, and reverts what another
  /// session writes into the new column.
  static func followingTexts(isNew: SQL, text: Identifier, target: Identifier) -> SQL {
#"""
ELSIF \#(isNew)
  OR NEW.\#(text)::text COLLATE "C" IS DISTINCT FROM OLD.\#(text)::text COLLATE "C"
THEN
  NEW.\#(target) := NULL;
ELSE
  NEW.\#(target) := OLD.\#(target);
"""#
  }

  /// Sets the old vector to null where only the new vector has changed.
  static func keepingBody(column: Identifier, old: Identifier) -> SQL {
#"""
BEGIN
  IF TG_OP = 'UPDATE'
    AND NEW.\#(column)::real[] IS DISTINCT FROM OLD.\#(column)::real[]
    AND NEW.\#(old)::real[] IS NOT DISTINCT FROM OLD.\#(old)::real[]
  THEN
    NEW.\#(old) := NULL;
  END IF;
  RETURN NEW;
END
"""#
  }

  /// Revokes the right to execute a function from every role except the owner.
  static func revoke(function: Literal) -> SQL {
#"""
SELECT set_config('vector_ferry.revoked', \#(function), true);
DO $do$
DECLARE
  grantee oid;
BEGIN
  FOR grantee IN
    SELECT DISTINCT a.grantee
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.oid = to_regprocedure(current_setting('vector_ferry.revoked'))
      AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE',
      current_setting('vector_ferry.revoked'),
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END);
  END LOOP;
END
$do$;
"""#
  }
}
