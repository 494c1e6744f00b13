// SPDX-License-Identifier: MIT
// How a program can tell that the driver it has opened is softgpu.

/// 1: the first version of whatever it may say by other symbols.
extern "C" [[gnu::visibility("default")]] int cujitsu_softgpu_version();

int cujitsu_softgpu_version() { return 1; }
