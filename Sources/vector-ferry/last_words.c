// Writes the program's last message when it ends by an error of its own or a lack of memory.
//
// Swift ends the process where it gets no memory or where one of its checks fails. A signal handler
// can repair nothing and may call only few functions: this one writes a fixed sentence and lets the
// signal end the process, so that shells and supervisors see which signal it was.
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char sentence[] =
    "\nvector-ferry: stopped by an error of the program or a lack of memory (limits: ulimit -v, a "
    "container's); each store in the database is either completely as before or completely "
    "migrated; run again\n";

// A thread that has used up its stack needs another stack to write the sentence.
static char stack[16384];

static void say_and_end(int number) {
  ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
  (void)written;
  // SA_RESETHAND has restored the default action, and SA_NODEFER delivers the signal at once.
  raise(number);
}

static void prepare_last_words(void) {
  stack_t place;
  memset(&place, 0, sizeof place);
  place.ss_sp = stack;
  place.ss_size = sizeof stack;
  sigaltstack(&place, NULL);
  static const int numbers[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
  sigset_t mask;
  sigemptyset(&mask);
  for (size_t index = 0; index < sizeof numbers / sizeof numbers[0]; index++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = say_and_end;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
    sigaction(numbers[index], &action, NULL);
    sigaddset(&mask, numbers[index]);
  }
  // The process that starts the program may have blocked these signals: a fault would then end the
  // program without a message.
  sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

// The loader calls the functions in this section before the constructors of any library, and so
// before Swift's runtime asks for memory for the first time.
__attribute__((section(".preinit_array"), used)) static void (*before_all)(void) =
    prepare_last_words;
