// swift-tools-version: 6.0

import PackageDescription

func benchmark(_ name: String, _ product: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["Rival", .product(name: product, package: "vector-ferry")])
}

// One executable per benchmark, one line each.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    .target(name: "Rival"),
    benchmark("gemm", "VectorMath"),
    benchmark("metadata", "Stores"),
  ],
  swiftLanguageModes: [.v6]
)
