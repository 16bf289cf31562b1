import OwnSchema
import Testing

@Suite struct VersionNumberTests {
  @Test(arguments: [
    ("0.4.3", "0.5.0"), ("0.9.1", "0.10.0"), ("0.8", "0.8.1"), ("1.0", "1.0.1"), ("0.8.5", "1"),
  ])
  func `versions are ordered by number`(older: String, newer: String) {
    #expect(VersionNumber(older) < VersionNumber(newer))
    #expect(!(VersionNumber(newer) < VersionNumber(older)))
  }
}
