import Foundation
import Stores
import TestSupport
import Testing

@Suite("The time of an entry")
struct EntryTimeTests {
  private static let utc = LocalTime { _ in 0 }

  @Test(
    "what Python and other writers write is understood",
    arguments: [
      ("2000-01-01T00:00:00", 0), ("2000-01-01 00:00:00", 0), ("2000-01-01T00:00", 0),
      ("2000-01-01T00:00:00Z", 0), ("2000-01-01T00:00:00z", 0),
      ("2000-01-01T00:00:01.5", 1_500_000), ("2000-01-01T00:00:00,000001", 1),
      ("2000-01-01T02:00:00+02:00", 0), ("2000-01-01T02:00:00+0200", 0),
      ("1999-12-31T16:30:00-07:30", 0), ("2000-01-01T02+02", nil),
      ("2000-01-01T02:00:00+02", 0), ("2000-01-01T00:53:28+00:53:28", 0),
      ("1999-12-31T23:59:59.999999", -1), ("2000-02-29T00:00:00", 59 * 86_400_000_000),
      ("0001-01-01T00:00:00", -63_082_281_600_000_000),
      ("9999-12-31T23:59:59.999999", 252_455_615_999_999_999),
      ("2024-03-01T12:34:56.123456", 762_611_696_123_456),
      ("2000-01-01T00:00:00.1234560", 123_456),
    ] as [(String, Int64?)])
  func understood(text: String, expected: Int64?) {
    let timestamp = EntryTime(text, in: Self.utc)
    #expect(timestamp?.microseconds == expected)
    #expect(timestamp?.isExact ?? true)
  }

  @Test(
    "what is no point in time is not understood",
    arguments: [
      "", " ", "now", "2024", "2024-03", "2024-03-01", "20240301T123456", "1709294096",
      "2024-13-01T00:00:00", "2024-00-01T00:00:00", "2024-02-30T00:00:00", "2023-02-29T00:00:00",
      "1900-02-29T00:00:00", "2024-03-00T00:00:00", "2024-03-01T24:00:00", "2024-03-01T00:60:00",
      "2024-03-01T00:00:60", "2024-03-01T00:00:00.", "2024-03-01T00:00:00Zulu",
      "2024-03-01T00:00:00+24:00", "2024-03-01T00:00:00+02:60", "2024-03-01T00:00:00+",
      "2024-03-01T00:00:00 +02:00", " 2024-03-01T00:00:00", "2024-03-01T00:00:00 ",
      "0000-01-01T00:00:00", "-001-01-01T00:00:00", "10000-01-01T00:00:00",
      "+300000-01-01T00:00:00", "2024-03-01_00:00:00", "2024-3-1T00:00:00", "２０２４-03-01T00:00:00",
      "2024-03-01T00:00:00.1e5", "2024-03-01T1:00:00", "2024-03-01T00:00:00+02:00:00:00",
    ])
  func notUnderstood(text: String) { #expect(EntryTime(text, in: Self.utc) == nil) }

  @Test("what is finer than a microsecond is cut off, and said so")
  func finer() {
    let timestamp = EntryTime("2000-01-01T00:00:00.123456789Z")
    #expect(timestamp?.microseconds == 123_456 && timestamp?.isExact == false)
  }

  @Test(
    "around changes of the clock, local times are what Python takes them for",
    .needsPython,
    arguments: [
      "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
      "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "UTC",
    ])
  func python(zone: String) throws {
    let known = try #require(TimeZone(identifier: zone))
    let rules = LocalTime { seconds in
      Int64(known.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }
    var generator = SeededGenerator(seed: 7)
    var texts: [String] = []
    // The times are every half hour around usual changes of clocks, and random times in years in
    // which zones agree.
    for (month, day) in [(3, 26), (3, 12), (10, 29), (11, 5), (4, 2), (10, 1)] {
      for halfHour in 0..<96 {
        texts.append(
          String(
            format: "2023-%02d-%02dT%02d:%02d:00.25", month, day + halfHour / 48,
            halfHour % 48 / 2, halfHour % 2 * 30))
      }
    }
    for _ in 0..<300 {
      let year = Int.random(in: 1975...2030, using: &generator)
      let numbers = [12, 28, 23, 59, 59].map { Int.random(in: 0...$0, using: &generator) }
      texts.append(
        String(
          format: "%04d-%02d-%02d %02d:%02d:%02d", year, max(1, numbers[0]), max(1, numbers[1]),
          numbers[2], numbers[3], numbers[4]))
    }
    let script = """
      import sys, os, time, datetime
      os.environ['TZ'] = sys.argv[1]
      time.tzset()
      for line in sys.stdin:
          value = datetime.datetime.fromisoformat(line.strip())
          seconds = value.replace(microsecond=0).timestamp()
          print((int(seconds) - 946684800) * 1000000 + value.microsecond)
      """
    let input = Data(texts.joined(separator: "\n").utf8)
    let expected = try Oracle.run(script, [zone], input: input).text.split(separator: "\n")
    try #require(expected.count == texts.count)
    for (text, answer) in zip(texts, expected) {
      #expect(EntryTime(text, in: rules)?.microseconds == Int64(answer), "\(text) in \(zone)")
    }
  }

  @Test("the system's own rules agree with mktime away from changes of the clock")
  func system() {
    for month in 1...12 {
      var fields = tm()
      fields.tm_year = 2023 - 1900
      fields.tm_mon = Int32(month - 1)
      fields.tm_mday = 15
      fields.tm_hour = 12
      fields.tm_isdst = -1
      let text = String(format: "2023-%02d-15T12:00:00", month)
      let expected = (Int64(mktime(&fields)) - 946_684_800) * 1_000_000
      #expect(EntryTime(text)?.microseconds == expected)
    }
  }
}
