import Files
import Foundation
import TestSupport
import Testing

@Suite("Names of files in folders inside of a folder")
struct NestedNameTests {
  private func place() throws -> (TemporaryDirectory, Directory) {
    let work = try TemporaryDirectory("nested")
    try work.write("inner", to: "store/in/side/file")
    try work.write("outer", to: "outside/file")
    return (work, try Directory(path: work.file("store")))
  }

  @Test("a file in a folder is opened by its path, and facts and new files are as well")
  func opened() throws {
    let (work, folder) = try place()
    #expect(try folder.openFile(named: "in/side/file").facts.size == 5)
    #expect(try folder.facts(named: "in/side")?.kind == .directory)
    #expect(try folder.facts(named: "in/none") == nil && folder.facts(named: "no/file") == nil)
    _ = try folder.makeDirectory(named: "in/new")
    let file = try folder.createFile(named: "in/new/file")
    try [UInt8]([1, 2]).withUnsafeBytes { try file.write($0) }
    try folder.renameFile("in/new/file", over: "in/side/file")
    #expect(try Data(contentsOf: URL(fileURLWithPath: work.file("store/in/side/file"))).count == 2)
    #expect(try folder.openDirectory(at: "in/side").entryNames().count == 1)
    #expect(try folder.removeFile(named: "in/side/file"))
  }

  @Test(
    "no name leads out of the folder",
    arguments: [
      "../outside/file", "in/../../outside/file", "/etc/passwd", "in//side/file", "./in/side/file",
      "link/file", "in/link/file",
    ])
  func inside(name: String) throws {
    let (work, folder) = try place()
    for place in ["store/link", "store/in/link"] {
      try FileManager.default.createSymbolicLink(
        atPath: work.file(place), withDestinationPath: work.file("outside"))
    }
    #expect(throws: FileError.self) { try folder.openFile(named: name) }
    #expect(throws: FileError.self) { try folder.createFile(named: "\(name)x") }
    #expect(try !folder.removeFile(named: name))
    #expect(FileManager.default.fileExists(atPath: work.file("outside/file")))
    let outside = try FileManager.default.contentsOfDirectory(atPath: work.file("outside"))
    #expect(outside == ["file"])
  }
}
