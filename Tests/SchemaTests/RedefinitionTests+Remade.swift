import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests losses of objects that depend on an object that is replaced under the same name, and
/// losses of rights.
extension RedefinitionTests {
  private static let remade = """
    CREATE ROLE %R; CREATE ROLE %R_group; GRANT %R_group TO %R WITH ADMIN OPTION;
    CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'); CREATE TABLE u (a int);
    GRANT SELECT, INSERT ON t TO %R WITH GRANT OPTION;
    GRANT UPDATE (a) ON t TO %R WITH GRANT OPTION;
    ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
    CREATE TRIGGER tt BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE TABLE ruled (a int); CREATE RULE kept AS ON DELETE TO ruled DO INSTEAD NOTHING;
    CREATE VIEW v WITH (security_barrier, security_invoker = on) AS SELECT a, b FROM u, (SELECT 'x' AS b) s;
    GRANT SELECT ON v TO %R; GRANT UPDATE (a) ON v TO %R; COMMENT ON VIEW v IS 'x';
    ALTER VIEW v ALTER a SET DEFAULT 1; CREATE RULE ru AS ON UPDATE TO v DO INSTEAD NOTHING;
    CREATE TRIGGER vt INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO %R;
    CREATE FUNCTION open() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE SCHEMA s; GRANT USAGE ON SCHEMA s TO %R;
    ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO %R, %R_group;
    CREATE PUBLICATION pub FOR TABLE t, u; CREATE TYPE mood AS ENUM ('a', 'b', 'c');
    CREATE TYPE pair AS (a int, b text); CREATE DOMAIN short AS text NOT NULL DEFAULT 'x';
    CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere
      OPTIONS (host 'x'); GRANT USAGE ON FOREIGN SERVER far TO %R;
    GRANT USAGE ON FOREIGN DATA WRAPPER nowhere TO %R;
    CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
    CREATE EVENT TRIGGER ev ON sql_drop WHEN TAG IN ('DROP CAST') EXECUTE FUNCTION on_ddl();
    GRANT CONNECT ON DATABASE %D TO %R;
    GRANT CREATE ON TABLESPACE pg_default TO %R;
    """

  /// Statements for rights of the whole server, which only one test at a time may change.
  private static let ofParameters = """
    GRANT SET ON PARAMETER work_mem TO %R; GRANT SET, ALTER SYSTEM ON PARAMETER jit TO %R;
    """

  /// Statements that replace an object, each with the dependent objects that are lost.
  private static let remakes = [
    (
      "DROP VIEW v; CREATE VIEW v AS SELECT a, b FROM u, (SELECT 'x' AS b) s",
      [
        "comment on view public.v", "default value for public.v.a",
        "grant SELECT on view public.v to %R", "grant UPDATE on view column public.v.a to %R",
        "option security_barrier=true of public.v", "option security_invoker=true of public.v",
        "rule ru on public.v", "trigger vt on public.v",
      ]
    ),
    (
      """
      DROP VIEW v; CREATE VIEW v WITH (security_invoker = true, security_barrier = on) AS
        SELECT a, b FROM u, (SELECT 'x' AS b) s;
      GRANT SELECT ON v TO %R; GRANT UPDATE (a) ON v TO %R; COMMENT ON VIEW v IS 'y';
      ALTER VIEW v ALTER a SET DEFAULT 1; CREATE RULE ru AS ON UPDATE TO v DO INSTEAD NOTHING;
      CREATE TRIGGER vt INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION stamp();
      """, []
    ),
    (
      "CREATE OR REPLACE VIEW v AS SELECT a, b FROM u, (SELECT 'x' AS b) s",
      ["option security_barrier=true of public.v", "option security_invoker=true of public.v"]
    ),
    ("DROP VIEW v", ["view public.v"]),
    (
      "DROP FUNCTION f; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
      [
        "grant EXECUTE on function public.f(integer) to %R",
        "revoke EXECUTE on function public.f(integer) from PUBLIC",
      ]
    ),
    (
      """
      DROP FUNCTION f; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
      REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO %R
      """, []
    ),
    ("CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", []),
    ("DROP FUNCTION open; CREATE FUNCTION open() RETURNS int LANGUAGE sql AS 'SELECT 1'", []),
    ("DROP FUNCTION f", ["function public.f(integer)"]),
    (
      "DROP SCHEMA s; CREATE SCHEMA s",
      ["default acl for role %U in schema s on tables", "grant USAGE on schema s to %R"]
    ),
    (
      "DROP PUBLICATION pub; CREATE PUBLICATION pub FOR TABLE t",
      ["publication relation public.u in publication pub"]
    ),
    ("DROP TYPE mood; CREATE TYPE mood AS ENUM ('a', 'b')", ["value 'c' of public.mood"]),
    ("DROP TYPE mood; CREATE TYPE mood AS ENUM ('a', 'b', 'c')", []),
    ("DROP TYPE mood", ["type public.mood"]),
    (
      "ALTER TYPE mood RENAME TO old; CREATE TYPE mood AS ENUM ('a'); DROP TYPE old",
      ["value 'b' of public.mood", "value 'c' of public.mood"]
    ),
    ("DROP TYPE pair; CREATE TYPE pair AS (a int)", ["composite type column public.pair.b"]),
    (
      "DROP DOMAIN short; CREATE DOMAIN short AS text",
      ["default value for domain public.short", "not null domain public.short"]
    ),
    (
      "DROP SERVER far; CREATE SERVER far FOREIGN DATA WRAPPER nowhere",
      ["grant USAGE on server far to %R", "option host of server far"]
    ),
    (
      "DROP TABLE t; CREATE TABLE t (a int)",
      [
        "public.t", "grant INSERT on table public.t to %R", "grant SELECT on table public.t to %R",
        "grant UPDATE on table column public.t.a to %R", "policy p on public.t",
        "publication relation public.t in publication pub", "row security public.t",
        "trigger tt on public.t",
      ]
    ),
    ("DROP TABLE t", ["public.t"]),
  ]

  private static let rights = [
    ("REVOKE CONNECT ON DATABASE %D FROM %R", ["grant CONNECT on database %D to %R"]),
    ("REVOKE TEMPORARY ON DATABASE %D FROM PUBLIC", ["grant TEMPORARY on database %D to PUBLIC"]),
    ("REVOKE SET ON PARAMETER work_mem FROM %R", ["grant SET on parameter work_mem to %R"]),
    ("REVOKE SET ON PARAMETER jit FROM %R", ["grant SET on parameter jit to %R"]),
    (
      "REVOKE GRANT OPTION FOR SELECT ON t FROM %R",
      ["grant option SELECT on table public.t to %R"]
    ),
    (
      "REVOKE GRANT OPTION FOR UPDATE (a) ON t FROM %R",
      ["grant option UPDATE on table column public.t.a to %R"]
    ),
    ("REVOKE SELECT ON t FROM %R", ["grant SELECT on table public.t to %R"]),
    ("REVOKE ADMIN OPTION FOR %R_group FROM %R", ["admin option of %R in %R_group"]),
    ("REVOKE %R_group FROM %R", ["membership of %R in %R_group"]),
    (
      "REVOKE EXECUTE ON FUNCTION open FROM PUBLIC",
      ["grant EXECUTE on function public.open() to PUBLIC"]
    ),
    ("GRANT EXECUTE ON FUNCTION f TO PUBLIC", []),
    ("REVOKE USAGE ON TYPE mood FROM PUBLIC", ["grant USAGE on type public.mood to PUBLIC"]),
    ("REVOKE USAGE ON DOMAIN short FROM PUBLIC", ["grant USAGE on type public.short to PUBLIC"]),
    (
      "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
      ["grant USAGE on language plpgsql to PUBLIC"]
    ),
    ("REVOKE USAGE ON FOREIGN SERVER far FROM %R", ["grant USAGE on server far to %R"]),
    (
      "REVOKE USAGE ON FOREIGN DATA WRAPPER nowhere FROM %R",
      ["grant USAGE on foreign-data wrapper nowhere to %R"]
    ),
    (
      "REVOKE CREATE ON TABLESPACE pg_default FROM %R",
      ["grant CREATE on tablespace pg_default to %R"]
    ),
    (
      "ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE SELECT ON TABLES FROM %R",
      ["grant SELECT on default acl for role %U in schema s on tables to %R"]
    ),
    (
      "ALTER SUBSCRIPTION far_away DROP PUBLICATION one WITH (refresh = false)",
      ["publication one of subscription far_away"]
    ),
    (
      "ALTER SUBSCRIPTION far_away SET PUBLICATION two, three WITH (refresh = false)",
      ["publication one of subscription far_away"]
    ),
    ("ALTER SUBSCRIPTION far_away ADD PUBLICATION four WITH (refresh = false)", []),
    // A replica trigger fires in no ordinary session.
    ("ALTER TABLE t ENABLE REPLICA TRIGGER tt", ["enabled trigger tt on public.t"]),
    ("ALTER TABLE t ENABLE ALWAYS TRIGGER tt", []),
    ("ALTER TABLE ruled ENABLE REPLICA RULE kept", ["enabled rule kept on public.ruled"]),
    ("ALTER EVENT TRIGGER ev ENABLE REPLICA", ["enabled event trigger ev"]),
  ]

  @Test(arguments: [true, false])
  func `what hung on a thing that is made anew, and every right, is told when it goes`(
    remakes: Bool
  ) throws {
    let role = "holder_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    let folder = try Folder()
    let session = try folder.database.connect()
    let user: String = try #require(try session.scalar("SELECT quote_ident(current_user)"))
    func fill(_ text: String) -> String {
      text.replacing("%R", with: role).replacing("%D", with: folder.database.name)
        .replacing("%U", with: user)
    }
    defer {
      folder.drop(role: role)
      folder.drop(role: "\(role)_group")
    }
    let made = remakes ? Self.remade : Self.remade + Self.ofParameters
    try session.execute(script: SQL(script: fill(made)))
    try session.execute(
      script: """
        CREATE SUBSCRIPTION far_away CONNECTION 'host=nowhere' PUBLICATION one, two
          WITH (connect = false, slot_name = NONE)
        """)
    // No database with a subscription can be dropped.
    defer { _ = try? session.query("DROP SUBSCRIPTION far_away") }
    for (statement, told) in remakes ? Self.remakes : Self.rights {
      let comment: Comment = "\(statement)"
      try folder.write(fill(statement), to: "1_a.sql")
      let trial = try folder.preview(.up(.all), on: session)
      #expect(trial.failure == nil && trial.losses.unknown.isEmpty, comment)
      #expect(trial.losses.names == told.map(fill), comment)
      guard !told.isEmpty, trial.losses.names == told.map(fill) else { continue }
      for (seen, allowed) in [(trial, told.map(fill).dropLast()), (SchemaTrial(), [])] {
        let failure = #expect(throws: MigrationFailure.self, comment) {
          try folder.run(.up(.all), after: seen, allowing: Array(allowed), on: session)
        }
        #expect(
          failure?.description.contains("\(fill(told.last ?? "")) would be lost") == true,
          "\(failure as Any)")
      }
    }
  }
}
