import Foundation
import TestSupport
import Testing

/// Tests the installation by `install.sh`, and the package of `Scripts/make-deb.sh`, with the
/// program that the other tests run.
@Suite
struct InstallTests {
  private func run(_ command: String, in folder: String, _ more: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      "/bin/bash", ["-c", command],
      environment: ["VECTOR_FERRY_BINARY": Ferry.binary].merging(more) { $1 }, directory: folder)
  }

  @Test func `what is installed works, and is removed without a trace`() throws {
    let folder = try TemporaryDirectory("install")
    let install = "\(Oracle.repository)/install.sh --prefix '\(folder.path)/usr'"
    let outcome = try run(install, in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let program = folder.file("usr/bin/vector-ferry")
    #expect(try TestSupport.run(program, ["--version"]).text.hasPrefix("vector-ferry "))
    for file in [
      "share/bash-completion/completions/vector-ferry", "share/zsh/site-functions/_vector-ferry",
      "share/fish/vendor_completions.d/vector-ferry.fish", "share/man/man1/vector-ferry.1",
      "share/man/man1/vector-ferry-migrate.1", "share/doc/vector-ferry/PRODUCTION.md",
    ] {
      #expect(FileManager.default.fileExists(atPath: folder.file("usr/\(file)")), "\(file)")
    }
    // A file of somebody else stays.
    try folder.write("mine", to: "usr/share/man/man1/other.1")
    #expect(try run(install + " --uninstall", in: folder.path).status == 0)
    #expect(try contents(of: folder.path).keys.filter { $0.hasSuffix(".1") }.count == 1)
    #expect(!FileManager.default.fileExists(atPath: program))
    let again = try run(install + " --uninstall", in: folder.path)
    #expect(again.status != 0 && again.errorText.contains("nothing is installed"))
  }

  @Test(
    arguments: [
      ("--prefix relative", 2, "needs a path that begins with /"),
      ("--what", 2, "no option --what"),
      ("--prefix", 2, "needs a folder"), ("--prefix /proc/nowhere", 3, "cannot be written to"),
    ] as [(String, Int32, String)])
  func `a wrong option or folder is refused`(
    options: String, status: Int32, message: String
  ) throws {
    let folder = try TemporaryDirectory("install")
    let outcome = try run("\(Oracle.repository)/install.sh \(options)", in: folder.path)
    #expect(outcome.status == status && outcome.errorText.contains(message), "\(outcome.errorText)")
    #expect(try contents(of: folder.path).isEmpty)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg-deb")))
  func `the package holds the program with its pages, and names what it needs`() throws {
    let folder = try TemporaryDirectory("package")
    let outcome = try run(
      "\(Oracle.repository)/Scripts/make-deb.sh '\(folder.path)/out'", in: folder.path)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let files = outcome.text.split(separator: "\n").map(String.init)
    let deb = try #require(files.first { $0.hasSuffix(".deb") })
    let list = try run("dpkg-deb -c '\(deb)'; dpkg-deb -f '\(deb)'", in: folder.path).text
    for word in [
      "./usr/bin/vector-ferry\n", "./usr/share/man/man1/vector-ferry-migrate.1.gz",
      "./usr/share/zsh/vendor-completions/_vector-ferry",
      "./usr/share/bash-completion/completions/vector-ferry", "Package: vector-ferry\n",
      "libpq5 (>= 14)", "libsqlite3-0", "libc6 (>= 2.", "libcurl4 (>= 7.87) | libcurl4t64",
      "libssl3 | libssl3t64",
    ] {
      #expect(list.contains(word), "\(word) in \(list)")
    }
    let tar = try #require(files.first { $0.hasSuffix(".tar.gz") })
    let unpacked = try run(
      "tar xzf '\(tar)' --strip-components 1 && bin/vector-ferry --version --verbose",
      in: folder.path)
    #expect(unpacked.status == 0)
    for word in ["libpq ", "SQLite ", "OpenSSL ", "libcurl "] {
      #expect(unpacked.text.contains(word), "\(unpacked.text)")
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/man")))
  func `man shows every page without a warning`() throws {
    let folder = try TemporaryDirectory("manual")
    let outcome = try run(
      """
      "$VECTOR_FERRY_BINARY" manual . && for page in *.1; do
        man --warnings -E UTF-8 -l -Tutf8 "./$page" 2>&1 >/dev/null; done
      """, in: folder.path)
    #expect(outcome.text.split(separator: "\n").count == 1, "\(outcome.text)")
    #expect(try contents(of: folder.path).count > 15)
  }
}
