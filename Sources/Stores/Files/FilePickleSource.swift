internal import Files
internal import Pickle

/// An open file as a source for the pickle decoder.
struct FilePickleSource: PickleSource {
  let handle: InputFile

  var count: Int { Int(handle.facts.size) }

  func endOfHole(at offset: Int) -> Int { handle.endOfHole(at: offset) }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(PickleError) {
    let done: Int
    do throws(StoreError) {
      done = try handle.read(into: buffer, at: Int64(offset))
    } catch {
      if error.kind == .interrupted { throw PickleError(.interrupted) }
      throw PickleError.unreadable(at: offset, error.problem)
    }
    // The file is shorter than when it was opened.
    if done < buffer.count {
      throw PickleError.unreadable(at: offset + done, "the file became shorter while it was read")
    }
  }
}
