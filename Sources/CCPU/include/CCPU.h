#pragma once

/// Instruction levels of this processor, as the x86-64 psABI names them.
/// Returns 4 (x86-64-v4), 3 (x86-64-v3), or 1 for anything else, other architectures included.
int ccpu_level(void);

/// Asks for the cache line at an address, which will be used soon, into the second cache.
static inline void ccpu_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

/// Asks for the cache line at an address, which will be used at once, into the first cache.
static inline void ccpu_prefetch_near(const void *address) { __builtin_prefetch(address, 0, 3); }
