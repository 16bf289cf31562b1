/// The service and the model that made vectors: everything besides the text that determines them.
public struct EmbeddingOrigin: Hashable, Sendable {
  /// The kind of service.
  public let provider: ProviderKind
  /// The URL to which texts were sent.
  public let destination: String
  /// The name of the model in the service.
  public let model: String
  /// The requested dimensions; nil for the model's own.
  public let dimensions: Int?

  /// Creates an origin from its parts.
  public init(provider: ProviderKind, destination: String, model: String, dimensions: Int?) {
    self.provider = provider
    self.destination = destination
    self.model = model
    self.dimensions = dimensions
  }

  /// The origin in words, such as `the model text-embedding-3-small of OpenAI (512 dimensions)`.
  public var words: String {
    "the model \(model) of \(provider.title)"
      + (dimensions.map { " (\($0) dimensions)" } ?? "")
  }

  /// The options of the command line that name this service and this model.
  public var options: String {
    "--provider \(provider.rawValue) --model \(model)"
      + (dimensions.map { " --embedding-dimensions \($0)" } ?? "")
      + (destination == provider.usualDestination ? "" : " --base-url \(destination)")
  }
}

extension EmbeddingSettings {
  /// The service and the model, without price and key.
  public var origin: EmbeddingOrigin {
    EmbeddingOrigin(
      provider: provider, destination: destination, model: model, dimensions: dimensions)
  }
}

// MARK: One word for ledgers

extension EmbeddingOrigin {
  /// The origin as one word without spaces, which `init(word:)` reads.
  public var word: String {
    [provider.rawValue, model, dimensions.map(String.init) ?? "", destination]
      .map(Self.escape).joined(separator: ",")
  }

  /// Reads an origin from its word; nil where the word is none, or names an unknown service.
  public init?(word: some StringProtocol) {
    let fields = word.split(separator: ",", omittingEmptySubsequences: false).map {
      Self.unescape(String($0))
    }
    guard fields.count == 4, let provider = fields[0].flatMap(ProviderKind.init),
      let model = fields[1], let asked = fields[2], let destination = fields[3]
    else { return nil }
    self.init(
      provider: provider, destination: destination, model: model, dimensions: Int(asked))
    // Another way to write the same origin would be another word for it.
    guard self.word.utf8.elementsEqual(word.utf8) else { return nil }
  }

  /// Writes all bytes that are not plain characters as `%` and two hexadecimal digits.
  private static func escape(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescape(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_.:/@+[]".utf8.contains(byte)
    }
  }
}
