// Loaded before the C library by tests (LD_PRELOAD). It does two things, by environment variables:
//
//   FAIL_KIND=write FAIL_AT=7 [FAIL_ERRNO=28] [FAIL_ALWAYS=1] FAIL_MARK=FILE
//     The 7th call of that kind fails, and every later one too with FAIL_ALWAYS. FILE comes into
//     being when a call was made to fail. Kinds: open, read, write, sync, rename, malloc, copy,
//     and busy: libpq has read an answer, and says that it still waits for it.
//     Only files below FAIL_BELOW count, for the kinds that have a file.
//   RECORD_TO=FILE RECORD_BELOW=FOLDER
//     Every change of a file or a folder below FOLDER is appended to FILE, in its order, and a
//     line "copied" where the rows of a COPY are complete.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NO_KIND, OPEN, READ, WRITE, SYNC, RENAME, MALLOC, COPY, BUSY };

static enum kind kind_to_fail;
static long fail_at;
static int fail_errno;
static int fails_always;
static char below[4096];
static char mark[4096];
static char record_below[4096];
static int record = -1;
static atomic_long calls;
static pthread_mutex_t recording = PTHREAD_MUTEX_INITIALIZER;

static void copy_variable(char *target, const char *name) {
  const char *value = getenv(name);
  if (value) snprintf(target, 4096, "%s", value);
}

__attribute__((constructor)) static void read_variables(void) {
  static const char *names[] = {"", "open", "read", "write", "sync", "rename", "malloc", "copy",
                                "busy"};
  static const int errors[] = {0, EMFILE, EIO, ENOSPC, EIO, EIO, ENOMEM, 0, 0};
  copy_variable(below, "FAIL_BELOW");
  copy_variable(mark, "FAIL_MARK");
  copy_variable(record_below, "RECORD_BELOW");
  const char *path = getenv("RECORD_TO");
  if (path)
    record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const char *kind = getenv("FAIL_KIND"), *at = getenv("FAIL_AT");
  if (!kind || !at) return;
  fail_at = atol(at);
  fails_always = getenv("FAIL_ALWAYS") != NULL;
  for (int i = 1; i <= BUSY; i++)
    if (!strcmp(kind, names[i])) {
      const char *code = getenv("FAIL_ERRNO");
      fail_errno = code ? atoi(code) : errors[i];
      kind_to_fail = (enum kind)i;
    }
}

static int is_below(const char *folder, const char *path) {
  size_t length = strlen(folder);
  return length && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

// The path of an open descriptor, as the kernel knows it.
static int path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static void resolve(int folder, const char *name, char *path) {
  char base[4096];
  if (name[0] == '/') {
    snprintf(path, 8192, "%s", name);
    return;
  }
  if (folder == AT_FDCWD) {
    if (syscall(SYS_getcwd, base, sizeof base) < 0) base[0] = 0;
  } else if (!path_of(folder, base)) {
    base[0] = 0;
  }
  while (!strncmp(name, "./", 2)) name += 2;
  snprintf(path, 8192, "%s/%s", base, name);
}

static int must_fail(enum kind kind) {
  if (kind != kind_to_fail) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (number != fail_at && !(fails_always && number > fail_at)) return 0;
  if (mark[0]) {
    int file = (int)syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0600);
    if (file >= 0) syscall(SYS_close, file);
  }
  errno = fail_errno;
  return 1;
}

static int must_fail_at(enum kind kind, int folder, const char *name) {
  char path[8192];
  if (kind != kind_to_fail) return 0;
  resolve(folder, name, path);
  return is_below(below, path) && must_fail(kind);
}

static int must_fail_on(enum kind kind, int descriptor) {
  char path[4096];
  return kind == kind_to_fail && path_of(descriptor, path) && is_below(below, path)
      && must_fail(kind);
}

// One record: a line of words, then as many bytes as the line says.
static void note(const char *line, const void *bytes, size_t count) {
  struct iovec parts[2] = {{(void *)line, strlen(line)}, {(void *)bytes, count}};
  pthread_mutex_lock(&recording);
  syscall(SYS_writev, record, parts, count ? 2 : 1);
  pthread_mutex_unlock(&recording);
}

static void note_path(const char *what, int folder, const char *name) {
  char path[8192], line[8300];
  if (record < 0) return;
  int code = errno;
  resolve(folder, name, path);
  if (is_below(record_below, path)) {
    snprintf(line, sizeof line, "%s\t%s\t0\t0\n", what, path);
    note(line, NULL, 0);
  }
  errno = code;
}

static void note_descriptor(
    const char *what, int descriptor, long long place, const void *bytes, size_t count) {
  char path[4096], line[4300];
  if (record < 0) return;
  int code = errno;
  if (path_of(descriptor, path) && is_below(record_below, path)) {
    snprintf(line, sizeof line, "%s\t%s\t%lld\t%zu\n", what, path, place, count);
    note(line, bytes, count);
  }
  errno = code;
}

#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int opened(int descriptor, int folder, const char *name, int flags, int existed) {
  if (descriptor >= 0 && record >= 0) {
    if ((flags & O_CREAT) && !existed) note_path("create", folder, name);
    else if (flags & O_TRUNC) note_path("truncate", folder, name);
  }
  return descriptor;
}

static int exists(int folder, const char *name) {
  int code = errno;
  int found = syscall(SYS_faccessat, folder, name, F_OK) == 0;
  errno = code;
  return found;
}

static int open_file(int folder, const char *name, int flags, mode_t mode) {
  if (must_fail_at(OPEN, folder, name)) return -1;
  int existed = record >= 0 && (flags & O_CREAT) ? exists(folder, name) : 0;
  int descriptor = (int)syscall(SYS_openat, folder, name, flags, mode);
  return opened(descriptor, folder, name, flags, existed);
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list words; \
    va_start(words, flags); \
    mode = va_arg(words, mode_t); \
    va_end(words); \
  }

int open(const char *name, int flags, ...) { MODE(flags) return open_file(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return open_file(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) {
  MODE(flags) return open_file(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
  MODE(flags) return open_file(folder, name, flags, mode);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  if (must_fail_on(READ, descriptor)) return -1;
  REAL(ssize_t, "read", int, void *, size_t);
  return real(descriptor, bytes, count);
}

ssize_t pread(int descriptor, void *bytes, size_t count, off_t place) {
  if (must_fail_on(READ, descriptor)) return -1;
  REAL(ssize_t, "pread", int, void *, size_t, off_t);
  return real(descriptor, bytes, count, place);
}

ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t place) {
  if (must_fail_on(READ, descriptor)) return -1;
  REAL(ssize_t, "pread64", int, void *, size_t, off64_t);
  return real(descriptor, bytes, count, place);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (must_fail_on(WRITE, descriptor)) return -1;
  off_t place = record >= 0 ? lseek(descriptor, 0, SEEK_CUR) : 0;
  REAL(ssize_t, "write", int, const void *, size_t);
  ssize_t written = real(descriptor, bytes, count);
  if (written > 0) note_descriptor("write", descriptor, place, bytes, (size_t)written);
  return written;
}

static ssize_t write_at(int descriptor, const void *bytes, size_t count, off64_t place) {
  if (must_fail_on(WRITE, descriptor)) return -1;
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  ssize_t written = real(descriptor, bytes, count, place);
  if (written > 0) note_descriptor("write", descriptor, place, bytes, (size_t)written);
  return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t place) {
  return write_at(descriptor, bytes, count, place);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t place) {
  return write_at(descriptor, bytes, count, place);
}

int ftruncate(int descriptor, off_t size) {
  REAL(int, "ftruncate", int, off_t);
  int result = real(descriptor, size);
  if (result == 0) note_descriptor("resize", descriptor, size, NULL, 0);
  return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int fsync(int descriptor) {
  if (must_fail_on(SYNC, descriptor)) return -1;
  REAL(int, "fsync", int);
  int result = real(descriptor);
  if (result == 0) note_descriptor("sync", descriptor, 0, NULL, 0);
  return result;
}

int fdatasync(int descriptor) {
  if (must_fail_on(SYNC, descriptor)) return -1;
  REAL(int, "fdatasync", int);
  int result = real(descriptor);
  if (result == 0) note_descriptor("sync", descriptor, 0, NULL, 0);
  return result;
}

static void note_rename(int folder, const char *name, int other, const char *target) {
  char from[8192], to[8192], line[16600];
  if (record < 0) return;
  resolve(folder, name, from);
  resolve(other, target, to);
  if (!is_below(record_below, from) && !is_below(record_below, to)) return;
  snprintf(line, sizeof line, "rename\t%s\t0\t%zu\n", from, strlen(to));
  note(line, to, strlen(to));
}

static int rename_file(
    int folder, const char *name, int other, const char *target, unsigned flags) {
  if (must_fail_at(RENAME, other, target)) return -1;
  int result = (int)syscall(SYS_renameat2, folder, name, other, target, flags);
  if (result == 0) note_rename(folder, name, other, target);
  return result;
}

int rename(const char *name, const char *target) {
  return rename_file(AT_FDCWD, name, AT_FDCWD, target, 0);
}
int renameat(int folder, const char *name, int other, const char *target) {
  return rename_file(folder, name, other, target, 0);
}
int renameat2(int folder, const char *name, int other, const char *target, unsigned flags) {
  return rename_file(folder, name, other, target, flags);
}

int linkat(int folder, const char *name, int other, const char *target, int flags) {
  if (must_fail_at(RENAME, other, target)) return -1;
  int result = (int)syscall(SYS_linkat, folder, name, other, target, flags);
  char from[8192], to[8192], line[16600];
  if (result == 0 && record >= 0) {
    resolve(folder, name, from);
    resolve(other, target, to);
    snprintf(line, sizeof line, "link\t%s\t0\t%zu\n", from, strlen(to));
    if (is_below(record_below, to)) note(line, to, strlen(to));
  }
  return result;
}

int mkdirat(int folder, const char *name, mode_t mode) {
  int result = (int)syscall(SYS_mkdirat, folder, name, mode);
  if (result == 0) note_path("folder", folder, name);
  return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int unlinkat(int folder, const char *name, int flags) {
  int result = (int)syscall(SYS_unlinkat, folder, name, flags);
  if (result == 0) note_path("remove", folder, name);
  return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

// glibc's own names, so that no symbol has to be looked up, which would allocate.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { return must_fail(MALLOC) ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) {
  return must_fail(MALLOC) ? NULL : __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
  return must_fail(MALLOC) ? NULL : __libc_realloc(old, size);
}
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (must_fail(MALLOC)) return ENOMEM;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
void *aligned_alloc(size_t alignment, size_t size) {
  return must_fail(MALLOC) ? NULL : __libc_memalign(alignment, size);
}

// libpq's COPY: the call says that it failed, as it does when its connection is gone.
int PQputCopyData(void *connection, const char *bytes, int count) {
  if (must_fail(COPY)) return -1;
  REAL(int, "PQputCopyData", void *, const char *, int);
  return real(connection, bytes, count);
}

// What libpq says after it got no memory for an answer that it has read: a result, or a piece of a
// COPY.
int PQisBusy(void *connection) {
  REAL(int, "PQisBusy", void *);
  return real(connection) || must_fail(BUSY);
}

int PQgetCopyData(void *connection, char **bytes, int async) {
  if (must_fail(BUSY)) return 0;
  REAL(int, "PQgetCopyData", void *, char **, int);
  return real(connection, bytes, async);
}

int PQputCopyEnd(void *connection, const char *error) {
  if (!error && must_fail(COPY)) return -1;
  // From here on the server may have committed.
  if (!error && record >= 0) note("copied\t-\t0\t0\n", NULL, 0);
  REAL(int, "PQputCopyEnd", void *, const char *);
  return real(connection, error);
}
