import Foundation
import TestSupport
import Testing

/// A page of `docs/`, from which tests run commands and code.
struct DocumentationPage {
  private let text: String

  /// Reads the page with this file name.
  init(_ name: String) throws {
    text = try String(contentsOfFile: "\(Oracle.repository)/docs/\(name)", encoding: .utf8)
  }

  /// Returns the code blocks of one language, in the whole page or under a heading.
  func blocks(_ language: String, under heading: String? = nil) throws -> [String] {
    let place = try heading.map(section) ?? text
    return place.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
  }

  /// Returns the indented commands under a heading, one for each line.
  func commands(under heading: String) throws -> [String] {
    try section(heading).components(separatedBy: "\n").filter { $0.hasPrefix("    ") }
  }

  private func section(_ heading: String) throws -> String {
    let parts = text.components(separatedBy: "\n## \(heading)\n")
    try #require(parts.count == 2, "the page has no heading “\(heading)”")
    return parts[1].components(separatedBy: "\n## ")[0]
  }
}
