// The program starts in C because only C's main receives the arguments. Swift reads them from
// /proc, which may not be mounted: every command line would then look empty.
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
// ends the process. Neither helps an operator, and both come before the sentence that says what to
// do (last_words.c). This program writes to the descriptor itself, so nothing else uses the stream.
// Where SWIFT_BACKTRACE is set, message and list are wanted and stay.
static void discard_stream_of_errors(void) {
  if (getenv("SWIFT_BACKTRACE")) return;
  cookie_io_functions_t nowhere = {.write = take};
  FILE *stream = fopencookie(NULL, "w", nowhere);
  if (!stream) return;
  // The stream has no buffer, because there may be no memory left for one.
  setvbuf(stream, NULL, _IONBF, 0);
  stderr = stream;
}

int main(int argc, char **argv) {
  discard_stream_of_errors();
  return vector_ferry_run(argc, argv);
}
