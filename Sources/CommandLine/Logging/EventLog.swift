internal import Clock
internal import Files
internal import Glibc
internal import JSON
internal import Ledger
internal import Machine
internal import Migration
internal import Synchronization

/// Writes each event of a run as a line of JSON, to a file and to an open file descriptor.
///
/// Each line is written by one call, so that a run that is killed leaves whole lines. Where a line
/// cannot be written, the run continues without the log, and says so once.
final class EventLog: Sendable {
  /// A place for the lines; nil once a line could not be written.
  private final class Place: Sendable {
    let name: String
    private let descriptor: FileDescriptor
    private let hasFailed = Mutex(false)

    init(_ name: String, _ descriptor: consuming FileDescriptor) {
      self.name = name
      self.descriptor = descriptor
    }

    /// Writes a line; returns the reason where that fails for the first time.
    func write(_ line: [UInt8]) -> SystemFailure? {
      hasFailed.withLock { hasFailed in
        guard !hasFailed else { return nil }
        do throws(SystemFailure) {
          try descriptor.write(line)
          return nil
        } catch {
          hasFailed = true
          return error
        }
      }
    }
  }

  private let places: [Place]
  private let warn: @Sendable (String) -> Void
  private let run = Mutex<String?>(nil)

  /// Opens the file and the descriptor; throws where one of them cannot be written to.
  ///
  /// - Parameters:
  ///   - file: the path of the file, to which lines are appended; nil for none.
  ///   - descriptor: the number of an open descriptor; nil for none.
  ///   - warn: called once for each place that can no longer be written to.
  init(
    file: String?, descriptor: Int?, warn: @escaping @Sendable (String) -> Void
  ) throws(Failure) {
    var places: [Place] = []
    if let file {
      do throws(SystemFailure) {
        places.append(
          Place(file, try FileDescriptor(opening: file, O_WRONLY | O_CREAT | O_APPEND)))
      } catch {
        throw Failure(
          .preflight, "the log file \(file) cannot be opened: \(error.reason)",
          remedy: "name a file in a folder that exists and that you may write to (--log-file)")
      }
    }
    if let descriptor {
      do throws(SystemFailure) {
        let own = fcntl(Int32(descriptor), F_DUPFD_CLOEXEC, 3)
        places.append(Place("file descriptor \(descriptor)", try FileDescriptor(adopting: own)))
      } catch {
        throw Failure(
          .preflight, "file descriptor \(descriptor) cannot be used for events: \(error.reason)",
          remedy: "open it in the program that starts this one, as in --events 3 3>events.jsonl")
      }
    }
    self.places = places
    self.warn = warn
  }

  /// Writes an event of the run.
  func follow(_ event: MigrationEvent) {
    if case .begun(let id) = event { run.withLock { $0 = id.description } }
    for record in event.records { write(record.name, record.members) }
  }

  /// Writes a record with the time and the run's id.
  func write(_ name: String, _ members: JSONObject) {
    guard !places.isEmpty else { return }
    var record = JSONObject()
    record["time"] = .string(Timestamp.now.inMilliseconds)
    record["run"] = JSONValue(run.withLock { $0 })
    record["event"] = .string(name)
    for (name, value) in members.members { record[name] = value }
    let line = Array((JSONValue.object(record).line + "\n").utf8)
    for place in places {
      if let failure = place.write(line) {
        warn("the events of the run can no longer be written to \(place.name): \(failure.reason)")
      }
    }
  }
}

extension Timestamp {
  /// The time in UTC with milliseconds, as in `2026-01-31T09:05:00.123Z`.
  fileprivate var inMilliseconds: String {
    let whole = secondsSince1970
    let milliseconds = millisecondsSince1970 - Int(whole) * 1000
    let time = DateAndTime(secondsSince1970: whole)
    let digits = String(1000 + milliseconds).dropFirst()
    return "\(time.date(separator: "-"))T\(time.time(separator: ":")).\(digits)Z"
  }
}
