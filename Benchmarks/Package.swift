// swift-tools-version: 6.0

import PackageDescription

// One executable per benchmark, one line each.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    .target(name: "Rival"),
    .executableTarget(
      name: "gemm", dependencies: ["Rival", .product(name: "VectorMath", package: "vector-ferry")]),
  ],
  swiftLanguageModes: [.v6]
)
