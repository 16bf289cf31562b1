// The program starts in C because only C's main is handed the arguments. Swift reads its own list
// from /proc, which may not be mounted: every command line would then look empty.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

int vector_ferry_run(int argc, char **argv);

static ssize_t take(void *cookie, const char *bytes, size_t count) {
  (void)cookie;
  (void)bytes;
  return (ssize_t)count;
}

// Swift's runtime writes its own message and a list of addresses to C's stream of errors before it
// ends the process. An operator can do nothing with either, and they stand in front of the sentence
// that says what to do (last_words.c). This program writes to the descriptor itself, so the stream
// is nobody else's. Whoever sets SWIFT_BACKTRACE wants to see them.
static void discard_stream_of_errors(void) {
  if (getenv("SWIFT_BACKTRACE")) return;
  cookie_io_functions_t nowhere = {.write = take};
  FILE *stream = fopencookie(NULL, "w", nowhere);
  if (!stream) return;
  // Nothing is to be kept until there is no memory for it.
  setvbuf(stream, NULL, _IONBF, 0);
  stderr = stream;
}

int main(int argc, char **argv) {
  discard_stream_of_errors();
  return vector_ferry_run(argc, argv);
}
