/// Runs the program; C's `main` calls this function (Sources/vector-ferry/main.c).
@c(vector_ferry_run)
public func runProgram(
  _ argc: Int32, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  Application.run(argc: argc, argv: argv)
}
