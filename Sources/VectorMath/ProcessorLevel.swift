import CCPU
import Glibc

/// The instruction sets that kernels exist for, with the names of the levels in the x86-64 psABI.
public enum ProcessorLevel: String, CaseIterable, Sendable {
  /// No instructions beyond the processor family's basic set; all processors other than x86-64 use
  /// this level.
  case portable
  /// The instructions of AVX2 with fused multiply-add.
  case v3
  /// The instructions of AVX-512.
  case v4

  /// The highest level that this processor and its operating system support.
  public static var supported: ProcessorLevel {
    switch ccpu_level() {
    case 4: .v4
    case 3: .v3
    default: .portable
    }
  }

  /// Chooses the level that `VECTOR_FERRY_CPU` names, or else the highest supported level.
  public static func chosen() throws(ProcessorLevelError) -> ProcessorLevel {
    guard let named = getenv("VECTOR_FERRY_CPU") else { return supported }
    return try chosen(named: String(cString: named))
  }

  /// Finds the level with a name, which may be empty for the highest supported level; throws where
  /// the level is unknown or not supported.
  public static func chosen(named name: String) throws(ProcessorLevelError) -> ProcessorLevel {
    if name.isEmpty { return supported }
    guard let level = ProcessorLevel(rawValue: name) else {
      throw .unknown(name: name)
    }
    guard level.order <= supported.order else {
      throw .unsupported(level: level, supported: supported)
    }
    return level
  }

  /// True where this processor can run the level's kernels.
  public var isSupported: Bool { order <= ProcessorLevel.supported.order }

  private var order: Int {
    switch self {
    case .portable: 0
    case .v3: 1
    case .v4: 2
    }
  }
}

/// The reason why the level in `VECTOR_FERRY_CPU` cannot be used.
public enum ProcessorLevelError: Error, Equatable, CustomStringConvertible {
  /// No level has this name.
  case unknown(name: String)
  /// The processor lacks the level's instructions.
  case unsupported(level: ProcessorLevel, supported: ProcessorLevel)

  /// The cause and the remedy in one sentence.
  public var description: String {
    switch self {
    case .unknown(let name):
      "VECTOR_FERRY_CPU is “\(name)”; it must be portable, v3 or v4 (or unset)"
    case .unsupported(let level, let supported):
      "VECTOR_FERRY_CPU asks for \(level.rawValue), but this processor supports "
        + "\(supported.rawValue) at most; unset it, or name that level"
    }
  }
}
