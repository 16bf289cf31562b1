import Ledger
import Stores
import Testing

@testable import Migration

/// Tests the choice of the stores that a run works on.
struct StoreChoiceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout StoreSelection) -> Void
    /// The chosen stores, or words of the refusal.
    let outcome: Result<[String], Part>

    struct Part: Error {
      let text: String
    }

    init(
      _ name: String, _ change: @escaping @Sendable (inout StoreSelection) -> Void,
      _ stores: [String]
    ) {
      testDescription = name
      self.change = change
      outcome = .success(stores)
    }

    init(
      _ name: String, _ change: @escaping @Sendable (inout StoreSelection) -> Void,
      refused text: String
    ) {
      testDescription = name
      self.change = change
      outcome = .failure(Part(text: text))
    }
  }

  private static let names = ["ann/a", "ann/b", "bob/a", "bob/é"]
  private static let failed: Set<StoreName> = [
    StoreName(user: "ann", collection: "b"), StoreName(user: "bob", collection: "a"),
    StoreName(user: "eve", collection: "gone"),
  ]

  static let cases: [Case] = [
    Case("all, where nothing is named", { _ in }, names),
    Case("those of a user", { $0.users = ["bob"] }, ["bob/a", "bob/é"]),
    Case("those of several", { $0.users = ["bob", "ann"] }, names),
    Case("those of a collection, of every user", { $0.collections = ["a"] }, ["ann/a", "bob/a"]),
    Case(
      "those that match both",
      {
        $0.users = ["ann"]
        $0.collections = ["a"]
      }, ["ann/a"]),
    Case(
      "a user that does not exist", { $0.users = ["ann", "eve"] },
      refused: "--user eve: there is no such store"),
    Case(
      "a collection that does not exist", { $0.collections = ["c"] },
      refused: "--collection c: there is no such store"),
    Case(
      "names are compared byte by byte", { $0.collections = ["e\u{301}"] },
      refused: "there is no such store"),
    Case(
      "names that never go together",
      {
        $0.users = ["ann"]
        $0.collections = ["é"]
      }, refused: "none of the 4 stores matches"),
    Case("users by a pattern", { $0.users = ["?nn"] }, ["ann/a", "ann/b"]),
    Case("all but some", { $0.excluded = ["ann/a", "bo*/é"] }, ["ann/b", "bob/a"]),
    Case("all but a user", { $0.excluded = ["ann"] }, ["bob/a", "bob/é"]),
    Case(
      "nothing is left out by a slip", { $0.excluded = ["bbo"] },
      refused: "--exclude bbo: there is no such store"),
    Case(
      "nothing is left", { $0.excluded = ["*"] }, refused: "none of the 4 stores matches"),
    Case(
      "a pattern without a match", { $0.users = ["x*"] },
      refused: "--user x*: there is no such store"),
    Case("those that failed", { $0.onlyFailed = true }, ["ann/b", "bob/a"]),
    Case(
      "those of a user that failed",
      {
        $0.users = ["ann"]
        $0.onlyFailed = true
      }, ["ann/b"]),
    Case(
      "none of these failed",
      {
        $0.collections = ["é"]
        $0.onlyFailed = true
      }, refused: "no store is recorded in migration_backup as failed"),
  ]

  private static func store(_ name: String) -> FoundStore {
    let parts = name.split(separator: "/").map(String.init)
    return FoundStore(
      name: StoreName(user: parts[0], collection: parts[1]), root: "r", path: "r/\(name)",
      format: .simple, files: [], state: .complete)
  }

  private static func choice(_ change: (inout StoreSelection) -> Void) -> StoreChoice {
    var options = MigrationOptions()
    change(&options.selection)
    return StoreChoice(options: options) { failed }
  }

  @Test(arguments: cases)
  func `the operator's choice`(_ test: Case) throws {
    let choice = Self.choice(test.change)
    do {
      let found = try choice.select(from: Self.names.map(Self.store))
      #expect(found.map { "\($0.name.user)/\($0.name.collection)" } == (try test.outcome.get()))
    } catch let failure as Failure {
      guard case .failure(let part) = test.outcome else { throw failure }
      #expect(failure.kind == .preflight && failure.reason.contains(part.text), "\(failure)")
    }
  }

  @Test func `the journal is read only where it is asked`() throws {
    let choice = StoreChoice(options: MigrationOptions()) { throw Failure(.backup, "no journal") }
    #expect(try choice.select(from: [Self.store("ann/a")]).count == 1)
  }

  @Test func `a folder without stores is refused`() {
    let failure = #expect(throws: Failure.self) { try Self.choice { _ in }.select(from: []) }
    #expect(failure?.reason.contains("no vector stores found in user_data") == true)
  }
}
