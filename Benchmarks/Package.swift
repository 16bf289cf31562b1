// swift-tools-version: 6.0

import PackageDescription

// One executable per measurement; `run.sh NAME` builds it, runs it and what it is compared with.

func ours(_ product: String) -> Target.Dependency {
  .product(name: product, package: "vector-ferry")
}

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    // The program that ours is compared with, alternating with it in one run.
    .target(name: "Rival"),
    // Pickles on disk, read with pread.
    .target(name: "PickleFiles", dependencies: [ours("Pickle")]),
    .executableTarget(name: "decode", dependencies: ["PickleFiles", ours("Pickle")]),
    .executableTarget(name: "pickle-corpus", dependencies: ["PickleFiles", ours("Pickle")]),
    .executableTarget(name: "metadata", dependencies: ["Rival", ours("JSON"), ours("Stores")]),
    .executableTarget(name: "gemm", dependencies: ["Rival", ours("VectorMath")]),
    .executableTarget(name: "fit", dependencies: ["Rival", ours("VectorMath")]),
    .executableTarget(name: "transform", dependencies: ["Rival", ours("VectorMath")]),
    .executableTarget(
      name: "fidelity", dependencies: ["Rival", ours("VectorMath"), ours("Plots")]),
    .executableTarget(name: "memory", dependencies: ["Rival", ours("VectorMath")]),
  ],
  swiftLanguageModes: [.v6]
)
