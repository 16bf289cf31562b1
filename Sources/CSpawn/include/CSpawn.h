#pragma once
#include <sys/types.h>

/// Starts a program with its working directory at the root, default signals, and no open
/// descriptors but `input`, `output` (twice) and, unless it is -1, `kept` as number 3.
/// `new_session` cuts it loose from our terminal. Returns 0 or an error number.
int cspawn(
    pid_t *process, const char *program, char *const arguments[], char *const environment[],
    int input, int output, int kept, int new_session);

/// 1 if the C library has this locale.
int cspawn_has_locale(const char *name);
