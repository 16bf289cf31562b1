// swift-tools-version: 6.0

import PackageDescription

// One executable per benchmark, one line each.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    .target(name: "Rival"),
    .executableTarget(name: "metadata", dependencies: ["Rival", .product(name: "Stores", package: "vector-ferry")]),
  ],
  swiftLanguageModes: [.v6]
)
