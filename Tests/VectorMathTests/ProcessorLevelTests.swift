import Foundation
import TestSupport
import Testing

@testable import VectorMath

@Suite("Processor levels")
struct ProcessorLevelTests {
  static let emulator = "/usr/bin/qemu-x86_64"

  @Test("are chosen by name; an unknown or unsupported one is an error")
  func areChosen() throws {
    let named = try ProcessorLevel.chosen(named: "portable")
    #expect(named == .portable)
    let unnamed = try ProcessorLevel.chosen(named: "")
    #expect(unnamed == ProcessorLevel.supported)
    #expect(throws: ProcessorLevelError.unknown(name: "avx9000")) {
      try ProcessorLevel.chosen(named: "avx9000")
    }
    for level in ProcessorLevel.allCases where !level.isSupported {
      #expect(throws: ProcessorLevelError.self) { try Engine(level: level) }
    }
  }

  @Test("agree with the portable one to 1e-5", arguments: levels)
  func agree(_ level: ProcessorLevel) throws {
    var generator = SeededGenerator(seed: 31)
    let rows = embeddings(150, 120, &generator)
    let reference = try ProjectionTests.fit(rows, 120, 40, engine: Engine(level: .portable))
    let found = try ProjectionTests.fit(rows, 120, 40, engine: Engine(level: level))
    for (one, other) in zip(reference.energies, found.energies) {
      #expect(abs(one - other) <= 1e-5 * reference.energies[0])
    }
    let short = try ProjectionTests.transform(rows, found, Engine(level: level))
    let same = try ProjectionTests.transform(rows, found, Engine(level: .portable))
    for (one, other) in zip(short, same) { #expect(abs(one - other) <= 1e-5) }
  }

  /// The part of the suite that also runs on an emulated processor of 2008.
  @Test("fit and reduce on the best level there is")
  func fitsAnywhere() throws {
    let engine = try Engine(threads: 2)
    var generator = SeededGenerator(seed: 32)
    let rows = embeddings(130, 104, &generator)
    let projection = try ProjectionTests.fit(rows, 104, 16, engine: engine)
    let short = try ProjectionTests.transform(rows, projection, engine)
    let areFinite = short.allSatisfy { $0.isFinite }
    #expect(areFinite)
    #expect((projection.capturedEnergy ?? 0) > 0.5)
    if ProcessInfo.processInfo.environment["VECTOR_FERRY_EMULATED"] != nil {
      #expect(ProcessorLevel.supported == .portable)
      #expect(throws: ProcessorLevelError.self) { try ProcessorLevel.chosen(named: "v3") }
    }
  }

  @Test(
    "need no AVX when portable: the same tests pass on an emulated processor without it",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: emulator)
        && ProcessInfo.processInfo.environment["VECTOR_FERRY_EMULATED"] == nil,
      "qemu-x86_64 is missing (Debian's qemu-user)"))
  func needNoAVX() throws {
    #if arch(x86_64)
      let tests = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") })
      let outcome = try run(
        Self.emulator,
        [
          "-cpu", "Nehalem", tests, "--testing-library", "swift-testing", "--filter",
          "fitsAnywhere",
        ],
        environment: ["VECTOR_FERRY_CPU": "portable", "VECTOR_FERRY_EMULATED": "1"])
      #expect(outcome.status == 0, "\(outcome.text) \(outcome.errorText)")
      #expect((outcome.text + outcome.errorText).contains("1 test"))
    #endif
  }
}
