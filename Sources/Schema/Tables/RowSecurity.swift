public import Postgres

/// Optional policies that let a session see one user's documents only.
///
/// The user is whoever `vector_ferry.user_id` names: `SET LOCAL vector_ferry.user_id = 'alice'`.
/// The application's table is forced, so that its owner is bound too; the ledger is not, since the
/// migration role owns it and has to see every store. A session without the setting sees nothing.
public enum RowSecurity {
  /// The setting that names the user.
  public static let setting = "vector_ferry.user_id"

  private static let policy: Identifier = "vector_ferry_own_rows"
  private static let changePolicy: Identifier = "vector_ferry_dimension_changes"

  /// Puts the policies up on a table of documents.
  public static func isolateUsers(in table: QualifiedName) -> SQL {
    """
    ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY;
    ALTER TABLE \(table) FORCE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON \(table) USING (\(isOwn)) WITH CHECK (\(isOwn));
    """
  }

  /// Takes the policies of a table of documents away.
  public static func release(_ table: QualifiedName) -> SQL {
    """
    DROP POLICY IF EXISTS \(policy) ON \(table);
    ALTER TABLE \(table) NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE \(table) DISABLE ROW LEVEL SECURITY;
    """
  }

  /// Puts the policies up on the ledger's tables that tell of users, for roles that may search.
  public static var isolateLedger: SQL {
    """
    ALTER TABLE vector_ferry.stores ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.stores FOR SELECT USING (\(isOwn));
    ALTER TABLE vector_ferry.projections ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.projections FOR SELECT
      USING (EXISTS (
        SELECT FROM vector_ferry.stores s WHERE s.projection_id = projections.id));
    ALTER TABLE vector_ferry.projection_components ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.projection_components FOR SELECT
      USING (EXISTS (
        SELECT FROM vector_ferry.stores s
        WHERE s.projection_id = projection_components.projection_id));
    ALTER TABLE vector_ferry.documents ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.documents FOR SELECT
      USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
    ALTER TABLE vector_ferry.search_performance_metrics ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.search_performance_metrics USING (\(isOwn));
    DO $do$ BEGIN
      IF to_regclass('vector_ferry.originals') IS NOT NULL THEN
        ALTER TABLE vector_ferry.originals ENABLE ROW LEVEL SECURITY;
        CREATE POLICY \(policy) ON vector_ferry.originals
          USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
      END IF;
    END $do$;
    ALTER TABLE vector_ferry.adoptions ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.adoptions FOR SELECT
      USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
    ALTER TABLE vector_ferry.alongside ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.alongside FOR SELECT
      USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
    ALTER TABLE vector_ferry.former_stores ENABLE ROW LEVEL SECURITY;
    CREATE POLICY \(policy) ON vector_ferry.former_stores FOR SELECT USING (\(isOwn));
    \(showChanges)
    """
  }

  /// Lets a session see the models of dimension changes, which no store owns, where the policies
  /// of the ledger would hide them; nothing where there are none.
  static var showChanges: SQL {
    """
    DO $do$
    DECLARE
      hidden record;
    BEGIN
      FOR hidden IN \(hiddenChanges) LOOP
        EXECUTE format(
          'CREATE POLICY \(changePolicy) ON %s FOR SELECT USING (EXISTS (
             SELECT FROM vector_ferry.dimension_changes c WHERE c.projection_id = %I.%I))',
          hidden.place, hidden.relname, CASE hidden.relname WHEN 'projections' THEN 'id' ELSE 'projection_id' END);
      END LOOP;
    END $do$;

    """
  }

  /// The tables of models on which only the policy of stores stands though dimensions were changed.
  static var hiddenChanges: SQL {
    """
    SELECT c.oid::regclass AS place, c.relname FROM pg_class c
    WHERE c.oid IN (to_regclass('vector_ferry.projections'),
                    to_regclass('vector_ferry.projection_components'))
      AND to_regclass('vector_ferry.dimension_changes') IS NOT NULL AND c.relrowsecurity
      AND EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = \(Literal(policy.name)))
      AND NOT EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = \(Literal(changePolicy.name)))
    """
  }

  /// Takes the policies of the ledger away.
  public static var releaseLedger: SQL {
    let tables = [
      "stores", "documents", "projections", "projection_components", "originals",
      "search_performance_metrics", "adoptions", "alongside", "former_stores",
    ].map { QualifiedName(schema: FerrySchema.name, Identifier($0)) }
    let pieces = tables.map { table -> SQL in
      """
      DROP POLICY IF EXISTS \(policy) ON \(table);
      DROP POLICY IF EXISTS \(changePolicy) ON \(table);
      ALTER TABLE IF EXISTS \(table) DISABLE ROW LEVEL SECURITY;
      """
    }
    return SQL.joined(pieces, separator: "\n")
  }

  /// Names the user for the rest of the transaction, so that policies like these let it through.
  ///
  /// It lasts no longer, so that a pooler cannot hand it to another session.
  public static func act(for user: String, on connection: Connection) throws(PostgresError) {
    try connection.query("SELECT set_config(\(setting), \(user), true)")
  }

  private static var isOwn: SQL { "user_id = current_setting(\(Literal(setting)), true)" }
}
