import Foundation
import TestSupport
import Testing

@testable import Models

@Suite struct NumpyArchiveTests {
  @Test func `the checksum is that of zip archives`() {
    // This is the check value for this polynomial in the catalogue of CRCs.
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test(.needsPython)
  func `numpy reads what was written, bit for bit`() throws {
    var archive = NumpyArchive()
    let floats: [Float] = [1.5, -0.0, .leastNonzeroMagnitude, 3.4e38, 5, 6]
    archive.add("floats", floats, shape: [2, 3])
    archive.add("doubles", [0.1, -1e300], shape: [2])
    archive.add("integers", [Int64.min, 7], shape: [2])
    archive.add("nothing", [Float](), shape: [0, 4])
    let folder = try TemporaryDirectory("numpy")
    let path = try folder.write(archive.finish(), to: "model.npz")
    let outcome = try Oracle.run(
      """
      import sys, zipfile, numpy
      assert zipfile.ZipFile(sys.argv[1]).testzip() is None
      z = numpy.load(sys.argv[1])
      print(z["floats"].shape, z["floats"].tobytes().hex(), z["floats"].dtype)
      print(z["doubles"].tolist(), z["integers"].tolist(), z["nothing"].shape)
      """, [path])
    let hex = floats.map { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes in
        bytes.map { String(format: "%02x", $0) }.joined()
      }
    }.joined()
    #expect(
      outcome.text == """
        (2, 3) \(hex) float32
        [0.1, -1e+300] [\(Int64.min), 7] (0, 4)

        """)
  }
}
