// swift-tools-version: 6.0

import PackageDescription

// One executable per measurement; `run.sh NAME` builds it, runs it and what it is compared with.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func pickle() -> Target.Dependency { .product(name: "Pickle", package: "vector-ferry") }

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    // Pickles on disk, read with pread.
    .target(name: "PickleFiles", dependencies: [pickle()], swiftSettings: strict),
    .executableTarget(
      name: "decode", dependencies: ["PickleFiles", pickle()], swiftSettings: strict),
    .executableTarget(
      name: "pickle-corpus", dependencies: ["PickleFiles", pickle()], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
