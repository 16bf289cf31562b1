import Messages
import TestSupport
import Testing

@testable import Arguments

private enum Way: String, Choice {
  case pca, truncate, none
}

/// The options of a program with forms that vector-ferry does not use: values attached to short
/// flags, groups of short flags, and numbers.
private struct PaintOptions: ParameterSet {
  let verbose: Parameter<Bool>
  let force: Parameter<Bool>
  let colour: Parameter<Way>
  let layers: Parameter<[Int]>
  let weight: Parameter<Double>
  let offset: Parameter<Int?>
  let first: Parameter<String>
  let rest: Parameter<[String]>

  init(declaring declare: inout Declarations) {
    verbose = declare.flag("verbose", short: "v", help: "Say more")
    force = declare.flag("force", short: "f", help: "Overwrite")
    colour = declare.option("colour", short: "c", .choice, default: .pca, help: "Which")
    layers = declare.repeatable("layer", short: "l", .whole(0...9), help: "Where")
    weight = declare.option("weight", .number(-1...1), default: 0.5, help: "How much")
    offset = declare.optional("offset", .whole(-5...5), help: "How far")
    first = declare.required("FIRST", .file, help: "What")
    rest = declare.list("REST", .text("REST"), help: "What else")
  }
}

private let paint = Program<ParsedArguments<PaintOptions>>(
  name: "paint", version: "1", summary: "Paints", discussion: [],
  commands: [Command("wall", summary: "Paint", takes: PaintOptions.self, invocation: { $0 })],
  environment: [], exitCodes: [], examples: [])

private func painted(_ line: String) -> String {
  do {
    guard case .run(let a) = try paint.parse(["wall"] + words(line)) else { return "other" }
    let offset = a.offset.map { "\($0)" } ?? "-"
    return """
      \(a.verbose ? "v" : "")\(a.force ? "f" : "") \(a.colour.rawValue) \(a.layers) \(a.weight) \
      \(offset) \(a.first) \(a.rest)
      """
  } catch {
    return error.message.plain
  }
}

@Suite("What is declared is what is read")
struct DeclarationTests {
  @Test(arguments: [
    ParseCase("a", " pca [] 0.5 - a []"),
    ParseCase("-vf a", "vf pca [] 0.5 - a []"),
    ParseCase("a -v b -f c", #"vf pca [] 0.5 - a ["b", "c"]"#),
    ParseCase("-l1 -l 2 -l=3 --layer 4 a", " pca [1, 2, 3, 4] 0.5 - a []"),
    ParseCase("-vl1 a", "v pca [1] 0.5 - a []"),
    ParseCase("-ctruncate a", " truncate [] 0.5 - a []"),
    ParseCase("-c none a", " none [] 0.5 - a []"),
    ParseCase("--weight -1 a", " pca [] -1.0 - a []"),
    ParseCase("--weight 1e-3 a", " pca [] 0.001 - a []"),
    ParseCase("--weight=.25 a", " pca [] 0.25 - a []"),
    ParseCase("--offset -5 a", " pca [] 0.5 -5 a []"),
    ParseCase("-- -v", " pca [] 0.5 - -v []"),
    ParseCase("a -- -- b", #" pca [] 0.5 - a ["--", "b"]"#),
    ParseCase("a -", #" pca [] 0.5 - a ["-"]"#),
    ParseCase("-v", "FIRST is missing"),
    ParseCase("-l", "-l needs a value (N)"),
    ParseCase(
      "-c -v a",
      "-c needs a value (pca|truncate|none), but '-v' follows; if that word is the value, write -c-v"
    ),
    ParseCase("-cpac a", "--colour 'pac' is not known: pca, truncate or none; did you mean pca?"),
    ParseCase("--weight nan a", "--weight 'nan' is not a number: -1 to 1"),
    ParseCase("--weight inf a", "--weight 'inf' is not a number: -1 to 1"),
    ParseCase("--weight 0x1p2 a", "--weight '0x1p2' is not a number: -1 to 1"),
    ParseCase("--weight 1.01 a", "--weight '1.01' is out of range: -1 to 1"),
    ParseCase("--weight 1e999 a", "--weight '1e999' is out of range: -1 to 1"),
    ParseCase("--offset 6 a", "--offset '6' is out of range: -5 to 5"),
    ParseCase("-l 10 a", "--layer '10' is out of range: 0 to 9"),
  ])
  func everyShape(_ parse: ParseCase) {
    #expect(painted(parse.line) == parse.outcome)
  }

  @Test("A default is told from the same value given by hand")
  func given() throws {
    guard case .run(let plain) = try paint.parse(["wall", "a"]),
      case .run(let same) = try paint.parse(["wall", "a", "--weight", "0.5"])
    else { return #expect(Bool(false), "wall runs") }
    #expect(plain.weight == same.weight)
    #expect(!plain.isGiven(\.weight) && same.isGiven(\.weight))
  }
}
