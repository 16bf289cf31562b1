import Digests
import Foundation
import Stores
import Testing

/// Changes of a backup by somebody who knows how the checksums are made.
enum Forgery {
  /// Gives an edited manifest the checksum of its new text.
  static func seal(_ path: String) throws {
    var text = try String(contentsOfFile: path, encoding: .utf8)
    text.replace(/,\n  "checksum": "[0-9a-f]{64}"/, with: "")
    let body = text.trimmingCharacters(in: .newlines)
    let digest = try SHA256.digest(of: Array(body.utf8)).description
    let sealed = body.dropLast(2) + ",\n  \"checksum\": \"\(digest)\"\n}\n"
    try String(sealed).write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Replaces a copied file, and the file's size and digest in the manifest.
  static func exchange(_ file: String, by bytes: [UInt8], inRun root: String) throws {
    let manifest = "\(root)/manifest.json"
    let old = Array(try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(file)")))
    try Data(bytes).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
    var text = try String(contentsOfFile: manifest, encoding: .utf8)
    let before = try SHA256.digest(of: old).description
    #expect(text.contains(before))
    text.replace(
      "\"bytes\": \(old.count),\n          \"sha256\": \"\(before)\"",
      with: "\"bytes\": \(bytes.count),\n          \"sha256\": \"\(try SHA256.digest(of: bytes))\"")
    #expect(!text.contains(before))
    try text.write(toFile: manifest, atomically: true, encoding: .utf8)
    try seal(manifest)
  }
}
