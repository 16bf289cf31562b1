/// A name that a pickle may use: a tag that is never looked up, imported or called.
enum Global: Equatable, Sendable {
  case dtype
  case ndarray
  case codecsEncode
  case reconstruct
  case scalar
  case frombuffer
  /// The name `bytes`: before protocol 3, Python 3 writes an empty value as a call of `bytes`
  /// without arguments.
  case emptyBytes
  /// A class that the caller has allowed.
  case named(module: String, name: String)

  /// Creates the tag for a dotted name, nil where the name is not allowed.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("numpy", "dtype"): self = .dtype
    case ("numpy", "ndarray"): self = .ndarray
    case ("_codecs", "encode"): self = .codecsEncode
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
      ("numpy.core._internal", "_reconstruct"):
      self = .reconstruct
    case ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"):
      self = .scalar
    case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"):
      self = .frombuffer
    case ("__builtin__", "bytes"), ("builtins", "bytes"): self = .emptyBytes
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .dtype: "numpy.dtype"
    case .ndarray: "numpy.ndarray"
    case .codecsEncode: "_codecs.encode"
    case .reconstruct: "_reconstruct"
    case .scalar: "scalar"
    case .frombuffer: "_frombuffer"
    case .emptyBytes: "bytes"
    case .named(let module, let name): "\(module).\(name)"
    }
  }
}
