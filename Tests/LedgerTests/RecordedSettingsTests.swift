import Ledger
import Stores
import Testing
import VectorMath

@Suite("What a store was carried over with is the same after it was written and read")
struct RecordedSettingsTests {
  private static func settings(
    _ dimensions: Int, _ projection: Projection.Kind? = nil, isShared: Bool = false,
    keepsOriginals: Bool = false, _ reading: ReadOptions = ReadOptions()
  ) -> RecordedSettings {
    var settings = RecordedSettings(dimensions: dimensions, reading: reading)
    settings.projection = projection
    settings.isShared = isShared
    settings.keepsOriginals = keepsOriginals
    return settings
  }

  @Test(
    "Databases hold these texts",
    arguments: [
      ("dimensions=768", settings(768)),
      ("dimensions=2000 projection=uncentered", settings(2000, .uncentered)),
      ("dimensions=2000 projection=centered", settings(2000, .centered)),
      ("dimensions=2000 projection=truncated", settings(2000, .truncated)),
      ("dimensions=2000 projection=uncentered shared", settings(2000, .uncentered, isShared: true)),
      (
        "dimensions=2000 projection=uncentered shared keep-original allow-mismatch escape-nul",
        settings(
          2000, .uncentered, isShared: true, keepsOriginals: true,
          ReadOptions(allowMismatch: true, escapeNUL: true))
      ),
      (
        "dimensions=3 keep-original escape-nul",
        settings(3, keepsOriginals: true, ReadOptions(escapeNUL: true))
      ),
    ])
  func texts(_ text: String, _ settings: RecordedSettings) {
    #expect(settings.text == text)
    #expect(RecordedSettings(text: text) == settings)
  }

  @Test("Every combination comes back")
  func roundTrip() {
    let flags = [false, true]
    for kind in Projection.Kind.allCases.map(Optional.some) + [nil] {
      for shared in flags {
        for kept in flags {
          for mismatch in flags {
            for escaped in flags {
              let settings = Self.settings(
                2000, kind, isShared: shared, keepsOriginals: kept,
                ReadOptions(allowMismatch: mismatch, escapeNUL: escaped))
              #expect(RecordedSettings(text: settings.text) == settings)
            }
          }
        }
      }
    }
  }

  @Test(
    "Words of another version are kept, and make settings differ",
    arguments: [
      "dimensions=2000 projection=folded", "dimensions=2000 sorted", "dimensions=many", "",
    ])
  func unknown(_ text: String) {
    let settings = RecordedSettings(text: text)
    #expect(settings.text == text)
    #expect(settings != Self.settings(2000))
    #expect(settings.unknownProjection == (text.contains("folded") ? "folded" : nil))
  }

  @Test("A store that gets a model of its own keeps everything else")
  func unshared() {
    let shared = RecordedSettings(text: "dimensions=9 projection=centered shared allow-mismatch")
    #expect(shared.unshared.text == "dimensions=9 projection=centered allow-mismatch")
  }
}
