import CommandLine
import Glibc

exit(Application.run(arguments: Array(Swift.CommandLine.arguments.dropFirst())))
