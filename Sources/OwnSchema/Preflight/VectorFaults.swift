extension VersionNumber {
  /// The known faults and missing features of this version of pgvector, the most serious first.
  package var knownVectorFaults: [String] {
    var faults: [String] = []
    if self >= VersionNumber("0.6.0"), self < VersionNumber("0.8.2") {
      faults.append(
        "CVE-2026-3172: a parallel HNSW build may read or write memory that is not its own")
    }
    if self >= VersionNumber("0.5.0"), self < VersionNumber("0.8.4") {
      faults.append("VACUUM may damage HNSW indexes (fixed in 0.8.3 and 0.8.4)")
    }
    if self < VersionNumber("0.7.0") {
      faults.append(
        "this version has no halfvec: vectors of more than 2,000 dimensions cannot be indexed")
    }
    if self < VersionNumber("0.8.0") {
      faults.append(
        "this version has no iterative scans: a filtered search may find fewer rows than there are")
    }
    return faults
  }
}
