import Messages
import Testing

@testable import CommandLine

@Suite("Quantities are written for people")
struct QuantitiesTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (10_000, "10,000"), (123_456, "123,456"),
    (1_234_567, "1,234,567"), (-1, "-1"), (-1234, "-1,234"),
    (Int.max, "9,223,372,036,854,775,807"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func thousands(_ number: Int, _ text: String) { #expect(grouped(number) == text) }

  @Test(arguments: [
    (0, "0 stores"), (1, "1 store"), (2, "2 stores"), (10_000, "10,000 stores"), (-1, "-1 stores"),
  ])
  func plurals(_ number: Int, _ text: String) { #expect(counted(number, "store") == text) }

  @Test func irregularPlural() {
    #expect(counted(1, "entry", "entries") == "1 entry")
    #expect(counted(3, "entry", "entries") == "3 entries")
  }

  @Test(arguments: [
    (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (1050, "1.1 kB"),
    (3_249_999, "3.2 MB"), (3_250_000, "3.3 MB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
    (999_999_999, "1.0 GB"), (1_000_000_000_000, "1.0 TB"), (-1500, "-1.5 kB"), (-5, "-5 B"),
    (Int.max, "9.2 EB"), (Int.min, "-9.2 EB"),
  ])
  func sizes(_ bytes: Int, _ text: String) { #expect(byteSize(bytes) == text) }

  @Test(arguments: [
    (Duration.zero, "0 ms"), (.milliseconds(1), "1 ms"), (.microseconds(999), "0 ms"),
    (.milliseconds(999), "999 ms"), (.seconds(1), "1.0 s"), (.milliseconds(12_340), "12.3 s"),
    (.milliseconds(12_350), "12.4 s"), (.milliseconds(59_949), "59.9 s"),
    (.milliseconds(59_950), "1 min 00 s"), (.seconds(245), "4 min 05 s"),
    (.milliseconds(3_599_499), "59 min 59 s"), (.milliseconds(3_599_500), "1 h 00 min"),
    (.seconds(3720), "1 h 02 min"), (.seconds(86_399), "23 h 59 min"),
    (.seconds(86_400), "1 d 00 h"),
    (.seconds(273_600), "3 d 04 h"), (.seconds(-90), "-1 min 30 s"),
  ])
  func durations(_ time: Duration, _ text: String) { #expect(duration(time) == text) }
}
