import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DumpKillTests {
  @Test(arguments: ["dump-begun", "dump-written", "dump-named", "dump-sealed"])
  func `a dump killed at any stage never takes the last good one's place`(stage: String) throws {
    let world = try DumpWorld()
    let database = try TestDatabase()
    try DumpWorld.execute(
      database.url, "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1)")
    let good = try world.dump(database.url)
    let running = try world.start(
      database.url, "backups", "dump", "--keep-days", "0",
      environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"))
    running.signal(SIGKILL)
    _ = try running.finish()
    let isSealed = stage == "dump-sealed"
    #expect(try world.files().contains(good))
    let listed = try world.run(database.url, "backups", "list", "--dumps")
    #expect(listed.status == 0 && listed.text.contains("unfinished: not a dump") != isSealed)
    #expect(try world.run(database.url, "backups", "verify", "--dumps").status == 0)
    // An incomplete dump is not restored, and does not prevent the next dump.
    if let half = try world.files().first(where: { name in
      name != good && (name.hasSuffix(".part") || name.hasSuffix(".dump")) && !isSealed
    }) {
      let outcome = try world.run(
        database.url, "backups", "restore", "--dump", half, "--into", "nowhere_at_all")
      #expect(outcome.status == 3 && outcome.errorText.contains("is incomplete: the manifest"))
    }
    let next = try world.dump(database.url, "--keep-days", "0")
    let sound = try world.run(database.url, "backups", "verify", "--dumps", next)
    #expect(sound.status == 0, "\(sound.text)\(sound.errorText)")
  }
}
