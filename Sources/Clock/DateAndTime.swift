/// A date of the Gregorian calendar and a time of day, without a time zone.
public struct DateAndTime: Equatable, Sendable {
  /// The year; the year before the year 1 is 0, and earlier years are negative.
  public let year: Int64
  /// The month of the year, from 1.
  public let month: Int64
  /// The day of the month, from 1.
  public let day: Int64
  /// The hour of the day, from 0.
  public let hour: Int64
  /// The minute of the hour, from 0.
  public let minute: Int64
  /// The second of the minute, from 0.
  public let second: Int64

  /// Creates a date and a time of day, which must exist in the calendar.
  public init(year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// Finds the date and the time of day in UTC (Howard Hinnant's `civil_from_days`).
  public init(secondsSince1970 seconds: Int64) {
    // Years begin in March here, so that the leap day is a year's last.
    let days = seconds.quotient(by: 86_400)
    let shifted = days + Self.daysBefore1970
    let era = shifted.quotient(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let index = (5 * dayOfYear + 2) / 153
    month = index < 10 ? index + 3 : index - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = dayOfYear - (153 * index + 2) / 5 + 1
    let rest = seconds - days * 86_400
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// The seconds since 1970, where the date and the time are taken as UTC.
  public var secondsSince1970: Int64 {
    let year = month > 2 ? self.year : self.year - 1
    let era = year.quotient(by: 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - Self.daysBefore1970
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  /// The days from the first of March of the year 0 to 1970.
  private static let daysBefore1970: Int64 = 719_468

  /// Returns year, month and day as text; month and day have two digits.
  public func date(separator: String) -> String {
    [year, month, day].map(\.twoDigits).joined(separator: separator)
  }

  /// Returns hour, minute and second as text; each has two digits.
  public func time(separator: String) -> String {
    [hour, minute, second].map(\.twoDigits).joined(separator: separator)
  }
}

extension Int64 {
  /// Divides the number, and rounds the result down.
  func quotient(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }

  /// The number as text with at least two digits.
  fileprivate var twoDigits: String { (0..<10).contains(self) ? "0\(self)" : "\(self)" }
}
