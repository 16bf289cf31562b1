import Testing

@testable import Arguments

/// Tests the text of manual pages.
struct ManualPageTests {
  private struct Options: ParameterSet {
    let name: Parameter<String>

    init(declaring declare: inout Declarations) {
      declare.heading("First")
      name = declare.option(
        "name", .text("N"), default: "a", help: ".begins with a dot, and has a \\ and a \"")
      declare.heading("Second")
      _ = declare.flag("loud", help: "Be loud")
    }
  }

  private func pages() -> [ManualPage] {
    ManualPage.all(
      of: Program(
        name: "tool", version: "1.2", summary: "Does things", discussion: ["'quoted' text"],
        commands: [
          Command(
            "make", summary: "Make one", examples: [Example("make --name x", "Makes x")],
            takes: Options.self, invocation: { $0.name }),
          Command(
            "get", summary: "Get some",
            subcommands: [
              Command("get one", summary: "Get one", takes: Options.self, invocation: { $0.name })
            ]),
        ],
        environment: [Example("TOOL", "A variable")], exitCodes: [Example("0", "done")],
        examples: []))
  }

  @Test func `there is a page of the program and one of each command`() {
    let pages = pages()
    #expect(pages.map(\.fileName) == ["tool.1", "tool-make.1", "tool-get.1"])
    #expect(pages[0].text.contains("tool\\-make(1)") && pages[0].text.contains("EXIT STATUS"))
    #expect(pages[1].text.contains("\\fB\\-\\-name N\\fR\n"), "\(pages[1].text)")
    #expect(pages[1].text.contains(".SS \"First\"") && pages[1].text.contains(".SS \"Second\""))
    #expect(pages[2].text.contains(".SH \"GET ONE\""))
  }

  @Test func `no text has a meaning for man`() {
    for page in pages() {
      for line in page.text.split(separator: "\n") where line.hasPrefix(".") {
        #expect(
          [".TH", ".SH", ".SS", ".TP", ".PP", ".nh", ".ad", ".B", ".br"].contains {
            line.hasPrefix($0)
          }, "\(line)")
      }
      #expect(!page.text.split(separator: "\n").contains { $0.hasPrefix("'") })
    }
    #expect(pages()[1].text.contains("\\&.begins with a dot, and has a \\e and a \\(dq"))
  }
}
