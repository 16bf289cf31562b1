// swift-tools-version: 6.0

import PackageDescription

/// One executable per benchmark, one line each.
func benchmark(_ name: String, _ product: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["Rival", .product(name: product, package: "vector-ferry")])
}

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "vector-ferry", path: "..")],
  targets: [
    .target(name: "Rival"),
    benchmark("gemm", "VectorMath"),
    benchmark("fit", "VectorMath"),
    benchmark("transform", "VectorMath"),
    benchmark("memory", "VectorMath"),
  ],
  swiftLanguageModes: [.v6]
)
