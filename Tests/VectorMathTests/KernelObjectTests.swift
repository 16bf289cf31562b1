import Foundation
import TestSupport
import Testing

@testable import VectorMath

/// Tests the object files of the kernel targets, in the build of these tests and in the release
/// build.
@Suite("Kernel objects")
struct KernelObjectTests {
  static func objects(_ module: String, in build: String = buildFolder) throws -> [String] {
    let folder = "\(build)/\(module).build"
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".o") }.map { "\(folder)/\($0)" }
  }

  static let buildFolder: String = {
    let executable = CommandLine.arguments.first { $0.contains(".xctest") }
    let path = executable ?? ProcessInfo.processInfo.arguments[0]
    return (path as NSString).deletingLastPathComponent
  }()

  /// The folder in which `run_tests.sh` puts the object files of the release build.
  static let releaseFolder = "\((buildFolder as NSString).deletingLastPathComponent)/release"

  static let hasRelease =
    canRun && FileManager.default.fileExists(atPath: "\(releaseFolder)/KernelsPortable.build")

  static let canRun =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/nm")
    && FileManager.default.fileExists(atPath: "\(buildFolder)/KernelsPortable.build")

  // A weak function may be replaced by, or replace, the same function compiled for another
  // processor: code for older processors would then crash.
  @Test(
    "export no function but their own",
    .enabled(if: canRun, "nm or the object files are missing"),
    arguments: ["KernelsPortable", "KernelsV3", "KernelsV4"])
  func exportOnlyTheirOwn(_ module: String) throws {
    try expectOwnFunctions(of: module, in: Self.buildFolder)
  }

  @Test(
    "export no function but their own when built for release",
    .enabled(if: hasRelease, "nm or the release objects are missing"),
    arguments: ["KernelsPortable", "KernelsV3", "KernelsV4"])
  func exportOnlyTheirOwnInRelease(_ module: String) throws {
    try expectOwnFunctions(of: module, in: Self.releaseFolder)
  }

  @Test(
    "hold no AVX instruction when portable and built for release",
    .enabled(
      if: hasRelease && FileManager.default.isExecutableFile(atPath: "/usr/bin/objdump"),
      "objdump or the release objects are missing"))
  func portableHoldsNoAVX() throws {
    #if arch(x86_64)
      var returns = 0
      for object in try Self.objects("KernelsPortable", in: Self.releaseFolder) {
        let listing = try run("/usr/bin/objdump", ["-d", object]).text
        returns += listing.split(separator: "\n").count { $0.contains("\tret") }
        // In code for AVX and later, every instruction's name begins with v.
        let avx = listing.split(separator: "\n").first { $0.contains("\tv") }
        #expect(avx == nil, "\(object): \(avx ?? "")")
      }
      #expect(returns >= 10)
    #endif
  }

  private func expectOwnFunctions(of module: String, in build: String) throws {
    let objects = try Self.objects(module, in: build)
    #expect(!objects.isEmpty)
    var functions = 0
    for object in objects {
      let listing = try run("/usr/bin/nm", ["--defined-only", object])
      #expect(listing.status == 0)
      for line in listing.text.split(separator: "\n") {
        let fields = line.split(separator: " ")
        guard fields.count == 3 else { continue }
        #expect(!["W", "w", "u"].contains(fields[1]), "\(object): \(line)")
        if fields[1] == "T" {
          functions += 1
          let own = "$s\(module.utf8.count)\(module)"
          #expect(fields[2].hasPrefix(own), "\(object): \(line)")
        }
      }
    }
    #expect(functions >= 10)
  }

  @Test(
    "for AVX-512 use fused operations on whole registers",
    .enabled(
      if: canRun && FileManager.default.isExecutableFile(atPath: "/usr/bin/objdump"),
      "objdump or the object files are missing"))
  func useWholeRegisters() throws {
    #if arch(x86_64)
      var fused = 0
      for object in try Self.objects("KernelsV4") where object.contains("GemmTile") {
        let listing = try run("/usr/bin/objdump", ["-d", object]).text
        fused += listing.split(separator: "\n").count {
          $0.contains("vfmadd") && $0.contains("%zmm")
        }
      }
      #expect(fused >= 24)
    #endif
  }
}
