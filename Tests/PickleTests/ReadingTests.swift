import Foundation
import TestSupport
import Testing

@testable import Pickle

@Suite struct ReadingTests {
  @Test(.enabled(if: Oracle.isAvailable, "no Python test environment"))
  func smoke() throws {
    for proto in 0...5 {
      for expression in [
        "[[1.5, 2.25], [3.0, -4.0]]", "((1.5,2.25),(3.0,-4.0))", "np.array([[1.5,2.25],[3,-4]])",
        "[np.array([1.5,2.25],'f4'),np.array([3,-4],'>f8')]",
        "[[np.float32(1.5),np.float64(2.25)],[np.int8(3),-4]]",
        "np.asfortranarray([[1.5,2.25],[3,-4]])",
      ] {
        let data = try Oracle.run(
          "import pickle,sys,numpy as np;sys.stdout.buffer.write(pickle.dumps(\(expression),\(proto)))"
        ).output
        let rows = try PickledRows(source: PickleBytes([UInt8](data)))
        #expect(rows.rowCount == 2)
        #expect(rows.uniformWidth == 2)
        var out = [Float](repeating: 0, count: 4)
        try out.withUnsafeMutableBufferPointer { (b) throws(PickleError) in
          try rows.read(rows: 0..<2, into: b)
        }
        #expect(out == [1.5, 2.25, 3, -4], "\(proto) \(expression)")
        print(try PickledRows.peek(source: PickleBytes([UInt8](data))))
      }
    }
  }
}
