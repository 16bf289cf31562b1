import Clock
import Glibc
import TestSupport
import Testing

/// Tests points in time, their dates, and the epochs that they are counted from.
struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    (951_782_399, "2000-02-28T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    (1_736_692_222, "2025-01-12T14:30:22Z"), (253_402_300_800, "10000-01-01T00:00:00Z"),
    (-62_135_596_801, "00-12-31T23:59:59Z"),
  ])
  func `a point in time is shown in UTC`(seconds: Int64, text: String) {
    #expect(Timestamp(secondsSince1970: seconds).description == text)
  }

  @Test func `dates are those of the C library, forth and back`() {
    var generator = SeededGenerator(seed: 31)
    for _ in 0..<20_000 {
      let seconds = Int64.random(in: -60_000_000_000...250_000_000_000, using: &generator)
      var (time, fields) = (time_t(seconds), tm())
      gmtime_r(&time, &fields)
      let date = DateAndTime(secondsSince1970: seconds)
      #expect(
        date
          == DateAndTime(
            year: Int64(fields.tm_year) + 1900, month: Int64(fields.tm_mon) + 1,
            day: Int64(fields.tm_mday), hour: Int64(fields.tm_hour),
            minute: Int64(fields.tm_min), second: Int64(fields.tm_sec)), "\(seconds)")
      #expect(date.secondsSince1970 == seconds)
    }
  }

  @Test(arguments: [0, 1, -1, 1_736_692_222_500, -946_684_800_001, 253_402_300_799_999])
  func `milliseconds since 1970 are kept`(milliseconds: Int) {
    let time = Timestamp(millisecondsSince1970: milliseconds)
    #expect(time.millisecondsSince1970 == milliseconds)
    #expect(time.microseconds == (Int64(milliseconds) - 946_684_800_000) * 1000)
  }

  @Test func `what cannot be counted becomes the last point in time, and has a date`() {
    #expect(Timestamp(millisecondsSince1970: .max).microseconds == .max)
    #expect(Timestamp(secondsSince1970: .min).microseconds == .min)
    #expect(Timestamp(microseconds: .max).description == "294277-01-09T04:00:54Z")
    #expect(Timestamp(microseconds: .min).secondsSince1970 < 0)
  }

  @Test func `the present time is between two readings of the system's clock`() {
    let (before, now, after) = (time(nil), Timestamp.now.secondsSince1970, time(nil))
    #expect((Int64(before)...Int64(after)).contains(now))
  }
}
