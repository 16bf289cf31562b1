import Messages
import Testing

@testable import CommandLine

@Suite("Columns line up, whatever stands in them")
struct TableTests {
  private func table(_ rows: [[Message]]) -> Table {
    var table = Table([.left("User"), .left("Collection"), .right("Vectors")])
    for row in rows { table.append(row) }
    return table
  }

  @Test("Wide characters count as two, numbers stand right, missing cells are empty")
  func aligned() {
    let lines = table([
      ["alice", "personal_assistant", "1,234"], ["用户用户", "é", "7"], ["\("a\nb")"],
    ]).lines()
    #expect(
      lines.map(\.plain) == [
        "User      Collection          Vectors",
        "alice     personal_assistant    1,234",
        "用户用户  é                         7",
        #"a\nb                                 "#,
      ])
  }

  @Test("Every line is as wide as the first, and within the terminal", arguments: [34, 30, 27])
  func trimmed(_ width: Int) {
    let lines = table([["alice", "personal_assistant", "1,234"], ["用户用户用户", "é", "7"]])
      .lines(width: width)
    #expect(lines.allSatisfy { $0.displayWidth == width })
    #expect(lines[1].plain.contains("…"))
    #expect(lines[1].plain.hasSuffix("  1,234"))
  }

  @Test("A terminal that is too narrow gets columns of eight, not nothing")
  func narrow() {
    let lines = table([["alice-and-others", "personal_assistant", "1"]]).lines(width: 5)
    #expect(lines[1].plain == "alice-a…  persona…        1")
  }

  @Test("A table without rows is its headings, and a last text column ends where its text does")
  func edges() {
    #expect(table([]).lines().map(\.plain) == ["User  Collection  Vectors"])
    var names = Table([.right("N"), .left("Name")])
    names.append(["1", "a"])
    names.append(["10", "longer", "surplus"])
    #expect(names.lines().map(\.plain) == [" N  Name", " 1  a", "10  longer"])
  }
}
