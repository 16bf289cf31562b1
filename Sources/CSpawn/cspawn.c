// These calls are GNU's, so Swift's own import of the C library does not show them.
#define _GNU_SOURCE
#include "CSpawn.h"

#include <locale.h>
#include <signal.h>
#include <spawn.h>

int cspawn(
    pid_t *process, const char *program, char *const arguments[], char *const environment[],
    int input, int output, int kept, int new_session) {
  posix_spawn_file_actions_t actions;
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return code;
  posix_spawnattr_t attributes;
  code = posix_spawnattr_init(&attributes);
  if (code != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return code;
  }
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (new_session) flags |= POSIX_SPAWN_SETSID;
  code = posix_spawnattr_setflags(&attributes, flags);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, input, 0);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, output, 1);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, output, 2);
  if (code == 0 && kept >= 0) code = posix_spawn_file_actions_adddup2(&actions, kept, 3);
  if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&actions, kept >= 0 ? 4 : 3);
  // Another account may not be allowed into our directory, and a server must not pin it.
  if (code == 0) code = posix_spawn_file_actions_addchdir_np(&actions, "/");
  if (code == 0) {
    code = posix_spawn(process, program, &actions, &attributes, arguments, environment);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

int cspawn_has_locale(const char *name) {
  locale_t found = newlocale(LC_ALL_MASK, name, (locale_t)0);
  if (found == (locale_t)0) return 0;
  freelocale(found);
  return 1;
}
