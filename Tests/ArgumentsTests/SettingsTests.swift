import Messages
import TestSupport
import Testing

@testable import Arguments

/// The options of a module, with their defaults.
private struct Kiln: CommandOptions, Equatable {
  enum Glaze: String, Choice { case matt, shiny }
  enum Firing: Equatable, Sendable { case once, times(Int) }

  var heat = 900
  var glaze = Glaze.matt
  var firing = Firing.once
  var isOpen = false
  var vents = true
  var clays: [String] = []
  var maker: String?
  var marks = 0
}

/// The options of another module.
private struct Shelf: CommandOptions { var width = 3 }

private struct NoRoman: Error {}

private struct FireOptions: ParameterSet {
  let isOpen: Parameter<Bool>

  init(declaring declare: inout Declarations) {
    declare.option("heat", .whole(0...2000), help: "How hot", sets: \Kiln.heat)
    declare.option("glaze", .choice, help: "Which", sets: \Kiln.glaze)
    declare.option(
      "firing", .choice(["once": .once, "twice": .times(2)]), help: "How often",
      sets: \Kiln.firing)
    isOpen = declare.flag("open", short: "o", help: "Open", sets: \Kiln.isOpen)
    declare.flag("no-vents", help: "Closed vents", sets: \Kiln.vents, to: false)
    declare.optional("maker", .text("NAME"), help: "Who", sets: \Kiln.maker)
    declare.option(
      "marks", .text("ROMAN"), default: "II", help: "How many", sets: \Kiln.marks,
      as: { word throws(NoRoman) in
        guard word.allSatisfy({ $0 == "I" }) else { throw NoRoman() }
        return word.count
      })
    declare.set(\Kiln.clays, by: declare.repeatable("clay", .text("C"), help: "Of what"))
    _ = declare.flag("loud", help: "Loud")
    declare.option("width", .positive, help: "How wide", sets: \Shelf.width)
  }
}

private let pottery = Program<ParsedArguments<FireOptions>>(
  name: "pottery", version: "1", summary: "Pots", discussion: [],
  commands: [Command("fire", summary: "Fire", takes: FireOptions.self, invocation: { $0 })],
  environment: [], exitCodes: [], examples: [])

private func parsed(_ line: String) throws -> ParsedArguments<FireOptions> {
  guard case .run(let arguments) = try pottery.parse(["fire"] + words(line)) else {
    throw UsageError(path: [], fault: .missingCommand(commands: []))
  }
  return arguments
}

@Suite("A flag sets the options of its module where it is declared")
struct SettingsTests {
  private static func kiln(_ change: (inout Kiln) -> Void) -> Kiln {
    var kiln = Kiln()
    kiln.marks = 2
    change(&kiln)
    return kiln
  }

  @Test(arguments: [
    ("", kiln { _ in }),
    ("--heat 1200 --open", kiln { ($0.heat, $0.isOpen) = (1200, true) }),
    ("--glaze shiny --no-vents", kiln { ($0.glaze, $0.vents) = (.shiny, false) }),
    ("--firing twice --maker ann", kiln { ($0.firing, $0.maker) = (.times(2), "ann") }),
    ("--clay red --clay white", kiln { $0.clays = ["red", "white"] }),
    ("--marks III --width 9 --loud", kiln { $0.marks = 3 }),
  ])
  private func filled(_ line: String, _ kiln: Kiln) throws {
    #expect(try parsed(line).filled(Kiln()) == kiln)
  }

  @Test("Each module gets its own, and a handle reads the same")
  func apart() throws {
    let arguments = try parsed("--width 9 -o")
    #expect(try arguments.filled(Shelf()).width == 9)
    #expect(arguments.isOpen)
  }

  @Test("What is not declared stays as the command has put it")
  func prepared() throws {
    var kiln = Kiln()
    kiln.isOpen = true
    #expect(try parsed("").filled(kiln).isOpen)
  }

  @Test("A value that is no value of the module is refused when it is asked for")
  func refused() throws {
    let arguments = try parsed("--marks IX")
    #expect(throws: NoRoman.self) { try arguments.filled(Kiln()) }
    #expect(try arguments.filled(Shelf()).width == 3)
  }

  @Test("Help shows the module's default")
  func help() throws {
    let declaration = try #require(pottery.declaration(at: ["fire"]))
    let page = HelpPage.lines(of: declaration, program: "pottery", columns: 100).map(\.plain)
    for text in ["--heat N ", "default: 900", "matt|shiny", "default: once", "default: II"] {
      #expect(page.contains { $0.contains(text) }, "\(text)")
    }
  }

  @Test(
    "The words that decide on a module's options are complete, and are no secret",
    arguments: [
      ("", "--heat 900 --glaze matt --firing once --marks II"),
      (
        "--loud --clay a --clay b -o --heat 1 --heat 1",
        "--heat 1 --glaze matt --firing once --open --marks II --clay a --clay b"
      ),
    ])
  func record(_ line: String, _ record: String) throws {
    #expect(try parsed(line).record(of: Kiln.self).joined(separator: " ") == record)
  }
}
