import Foundation
import Postgres
import TestSupport
import Testing

/// Tests event triggers of the application, which fire when a run creates objects.
@Suite(.needsServer)
struct EventTriggerTests {
  /// Creates a database with an event trigger whose function has this body and these settings.
  private func world(_ body: String, _ path: String = "", event: String = "ddl_command_end") throws
    -> Ferry
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE TABLE public.ddl_log (tag text);
          CREATE FUNCTION public.note_ddl() RETURNS event_trigger LANGUAGE plpgsql \(path) AS $$
          BEGIN \(body) END $$;
          CREATE EVENT TRIGGER app_audit ON \(event) EXECUTE FUNCTION public.note_ddl();
          """))
    return ferry
  }

  @Test(arguments: ["ddl_command_start", "ddl_command_end"])
  func `one that finds nothing under the tool's path is told before anything is copied`(
    event: String
  ) throws {
    let ferry = try world("INSERT INTO ddl_log VALUES (TG_TAG);", event: event)
    let doctor = try ferry.run("doctor")
    #expect(doctor.text.contains("app_audit (\(event))"), "\(doctor.text)")
    #expect(doctor.text.contains("set no search path: public.note_ddl()"), "\(doctor.text)")
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains("app_audit (\(event))"), "\(dry.text)")
    let live = try ferry.run()
    #expect(live.status == 3, "\(live.text)\(live.errorText)")
    let said = live.text + live.errorText
    #expect(said.contains("a trial to create what a run needs was refused"), "\(said)")
    #expect(said.contains("app_audit (\(event))"), "\(said)")
    #expect(said.contains("ALTER FUNCTION … SET search_path"), "\(said)")
    let entries = try? FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup"))
    #expect((entries ?? []).filter { $0.hasPrefix("2") }.isEmpty)
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
    // After the change that the remedy names, this run and later runs work.
    try ferry.database.connect().execute(
      script: "ALTER FUNCTION public.note_ddl() SET search_path = public")
    let mended = try ferry.run()
    #expect(mended.status == 0, "\(mended.text)\(mended.errorText)")
    #expect(try ferry.scalar("SELECT count(*) > 5 FROM public.ddl_log") == true)
    #expect(try ferry.run("doctor").text.contains("set no search path") == false)
  }

  @Test func `one that makes the new table UNLOGGED is told before anything is copied`() throws {
    let ferry = try world(
      """
      IF TG_TAG = 'CREATE TABLE' AND to_regclass('public.vector_documents') IS NOT NULL THEN
        ALTER TABLE public.vector_documents SET UNLOGGED;
      END IF;
      """)
    let live = try ferry.run()
    let said = live.text + live.errorText
    #expect(live.status == 3, "\(said)")
    #expect(
      said.contains("an event trigger causes this: public.vector_documents is UNLOGGED"), "\(said)")
    let entries = try? FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup"))
    #expect((entries ?? []).filter { $0.hasPrefix("2") }.isEmpty)
    #expect(try ferry.scalar("SELECT to_regclass('public.vector_documents') IS NULL") == true)
  }

  @Test func `one that refuses later tables is told before later copies`() throws {
    let ferry = try world("NULL;")
    #expect(try ferry.run().status == 0)
    try ferry.database.connect().execute(
      script: """
        ALTER EVENT TRIGGER app_audit DISABLE;
        CREATE OR REPLACE FUNCTION public.note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'no tables today'; END $$;
        ALTER EVENT TRIGGER app_audit ENABLE;
        """)
    try ferry.writeStore(user: "bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
    let live = try ferry.run()
    #expect(live.status == 3, "\(live.text)\(live.errorText)")
    #expect((live.text + live.errorText).contains("note_ddl()"), "\(live.text)\(live.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 5)
    let json = try Ferry.json(try ferry.run("--dry-run", "--json"))
    let table = try #require(json["table"] as? [String: Any])
    #expect(table["event_triggers"] as? [String] == ["app_audit (ddl_command_end)"])
  }
}
