// The program starts in C because only C's main is handed the arguments. Swift reads its own list
// from /proc, which may not be mounted: every command line would then look empty.
int vector_ferry_run(int argc, char **argv);

int main(int argc, char **argv) {
  return vector_ferry_run(argc, argv);
}
