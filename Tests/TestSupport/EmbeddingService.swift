import Foundation

/// An embedding service on loopback that answers like OpenAI and like Ollama, and makes faults
/// where a test asks for them.
///
/// The embeddings are sums over words: texts with common words are near each other.
public final class EmbeddingService {
  /// The number of dimensions of vectors where a request names none.
  public static let dimensions = 32
  /// The port on which the service listens.
  public let port: Int
  private let process: PythonService
  private let isSecure: Bool
  private var folder: TemporaryDirectory { process.folder }

  /// True where there is a Python that can run the service.
  public static let isAvailable = python != nil

  private static let python: String? =
    Oracle.python
    ?? ["/usr/bin/python3", "/usr/local/bin/python3"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }

  /// Starts a service; with a certificate it speaks TLS.
  public init(certificate: TestCertificate? = nil) throws {
    guard let python = Self.python else { throw OracleError(message: "no Python") }
    isSecure = certificate != nil
    process = try PythonService(
      "EmbeddingService.py", python: python,
      arguments: certificate.map { [$0.certificate, $0.key] } ?? [])
    port = process.port
  }

  /// Returns the service's URL without the path.
  public func url(host: String = "127.0.0.1") -> String {
    "\(isSecure ? "https" : "http")://\(host):\(port)"
  }

  /// Returns the variables that name the service as OpenAI.
  public func asOpenAI(key: String = "sk-fake-0123456789-not-a-key") -> [String: String] {
    [
      "EMBEDDING_PROVIDER": "openai", "EMBEDDING_MODEL": "test-words",
      "OPENAI_BASE_URL": "\(url())/v1", "OPENAI_API_KEY": key,
    ]
  }

  /// Returns the variables that name the service as Ollama.
  public func asOllama() -> [String: String] {
    [
      "EMBEDDING_PROVIDER": "ollama", "EMBEDDING_MODEL": "words:2",
      "OLLAMA_HOST": "127.0.0.1:\(port)",
    ]
  }

  /// Sets the next answers of the service, as a JSON array of steps (EmbeddingService.py).
  public func plan(_ steps: String) throws {
    try folder.write(steps, to: "plan.next")
    _ = rename(folder.file("plan.next"), folder.file("plan"))
  }

  /// Sets the answers after the plan, as one step.
  public func answerUsually(_ step: String) throws {
    try folder.write(step, to: "usual.next")
    _ = rename(folder.file("usual.next"), folder.file("usual"))
  }

  /// Makes the service a proxy that answers CONNECT with a status, and is itself the host behind
  /// the proxy.
  public func beProxy(status: Int = 200) throws { try folder.write("\(status)", to: "proxy") }

  /// Makes the service send words as soon as a client connects, as a server without TLS may do.
  public func speakFirst(_ words: String) throws { try folder.write(words, to: "greeting") }

  /// A request that the service got.
  public struct Question: Sendable {
    /// The number of the connection, from 1.
    public let connection: Int
    /// The path of the request.
    public let path: String
    /// The header `Authorization`.
    public let authorization: String?
    /// The texts to embed.
    public let texts: [String]
    /// The requested number of dimensions.
    public let dimensions: Int?
    /// The headers `api-key` and `x-goog-api-key`, where they were sent.
    public let keys: [String]
    /// The number of requests without an answer at this moment, including this one.
    public let underWay: Int
    /// The whole request as JSON with sorted names.
    public let json: String
  }

  /// All requests so far.
  public var questions: [Question] {
    get throws {
      guard let log = try? String(contentsOfFile: folder.file("log"), encoding: .utf8) else {
        return []
      }
      // The last line may be incomplete, because it is just being written.
      let whole = log[..<(log.lastIndex(of: "\n") ?? log.startIndex)]
      return try whole.split(separator: "\n").compactMap { line in
        let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        guard entry["question"] != nil else { return nil }
        let question = entry["question"] as? [String: Any] ?? [:]
        return Question(
          connection: entry["connection"] as? Int ?? 0, path: entry["path"] as? String ?? "",
          authorization: entry["authorization"] as? String,
          texts: question["input"] as? [String] ?? [],
          dimensions: question["dimensions"] as? Int,
          keys: (entry["keys"] as? [Any] ?? []).compactMap { $0 as? String },
          underWay: entry["under_way"] as? Int ?? 0,
          json: String(
            decoding: try JSONSerialization.data(
              withJSONObject: question, options: [.sortedKeys, .withoutEscapingSlashes]),
            as: UTF8.self))
      }
    }
  }

  /// The texts of each request that the service has answered with embeddings, and the time of the
  /// answer in seconds since 1970.
  public var answers: [(texts: [String], at: Double)] {
    get throws {
      let log = (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
      let whole = log[..<(log.lastIndex(of: "\n") ?? log.startIndex)]
      return try whole.split(separator: "\n").compactMap { line in
        guard line.hasPrefix(#"{"answered""#) else { return nil }
        let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return (entry?["answered"] as? [String] ?? [], entry?["at"] as? Double ?? 0)
      }
    }
  }

  /// The hosts and ports of the CONNECT requests to the service as a proxy.
  public var connects: [String] {
    get throws {
      let log = (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
      return try log.split(separator: "\n").compactMap { line in
        let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return entry?["connect"] as? String
      }
    }
  }
}
