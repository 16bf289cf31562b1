import Testing

import OwnSchema

struct VectorFaultTests {
  @Test(arguments: [
    ("0.5.1", ["VACUUM", "no halfvec", "no iterative scans"]),
    ("0.6.0", ["CVE-2026-3172", "VACUUM", "no halfvec", "no iterative scans"]),
    ("0.8.1", ["CVE-2026-3172", "VACUUM"]), ("0.8.2", ["VACUUM"]), ("0.8.3", ["VACUUM"]),
    ("0.8.4", []), ("0.8.10", []), ("1.0", []),
  ])
  func `each version of pgvector has the faults that are known of it`(
    version: String, words: [String]
  ) {
    let faults = VersionNumber(version).knownVectorFaults
    #expect(faults.count == words.count, "\(faults)")
    for (fault, word) in zip(faults, words) { #expect(fault.contains(word)) }
  }
}
