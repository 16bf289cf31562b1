@testable import Clock
import Testing

struct CalendarTimeTests {
  @Test(arguments: [
    ("2025-01-12T14:30:22+01:00", 1_736_688_622), ("1970-01-01T00:00:00+00:00", 0),
    ("2024-02-29T23:59:59-05:30", 1_709_270_999),
  ])
  func `a text and a moment are one`(text: String, seconds: Int64) throws {
    let time = try #require(CalendarTime(text))
    #expect(time.description == text)
    #expect(time.secondsSince1970 == seconds)
  }

  @Test(arguments: [
    "", "2025-01-12", "2025-01-12T14:30:22Z", "2025-01-12T14:30:22 01:00",
    "2025-1-012T14:30:22+01:00", "2025-01-12T14:30:2é+01:00",
  ])
  func `other texts are no moments`(text: String) { #expect(CalendarTime(text) == nil) }
}
