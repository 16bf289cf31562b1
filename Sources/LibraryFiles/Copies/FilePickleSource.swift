package import Files
package import Pickle

/// An open file as a source for the pickle decoder.
package struct FilePickleSource: PickleSource {
  package let handle: InputFile

  /// Creates a source of the whole file.
  package init(handle: InputFile) { self.handle = handle }

  package var count: Int { Int(handle.facts.size) }

  package func endOfHole(at offset: Int) -> Int { handle.endOfHole(at: offset) }

  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(PickleError) {
    let done: Int
    do throws(FileError) {
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
