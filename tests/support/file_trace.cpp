// SPDX-License-Identifier: MIT
// Preloaded into a program: writes each file that it opens for reading to $CUJITSU_FILE_TRACE, one a line: "+path" for a
// file, "-path" for what could not be opened or is a folder.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

void note(const char* path, bool opened) {
  const char* trace = std::getenv("CUJITSU_FILE_TRACE");
  if (trace == nullptr || path == nullptr) return;
  const int before = errno;
  struct stat status {};
  const bool is_file = opened && ::stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
  const auto descriptor =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (descriptor >= 0) {
    char line[4200];
    const int length = std::snprintf(line, sizeof line, "%c%.4096s\n", is_file ? '+' : '-', path);
    if (length > 0 && ::write(descriptor, line, static_cast<std::size_t>(length)) < 0) std::abort();
    ::close(descriptor);
  }
  errno = before;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define TRACED_OPEN(name)                                                 \
  extern "C" int name(const char* path, int flags, ...) {                 \
    va_list list;                                                         \
    va_start(list, flags);                                                \
    const auto mode = va_arg(list, unsigned);                             \
    va_end(list);                                                         \
    static const auto real = next<int (*)(const char*, int, ...)>(#name); \
    const int result = real(path, flags, mode);                           \
    note(path, result >= 0);                                              \
    return result;                                                        \
  }
#define TRACED_OPENAT(name)                                                    \
  extern "C" int name(int folder, const char* path, int flags, ...) {          \
    va_list list;                                                              \
    va_start(list, flags);                                                     \
    const auto mode = va_arg(list, unsigned);                                  \
    va_end(list);                                                              \
    static const auto real = next<int (*)(int, const char*, int, ...)>(#name); \
    const int result = real(folder, path, flags, mode);                        \
    note(path, result >= 0);                                                   \
    return result;                                                             \
  }
#define TRACED_FOPEN(name)                                                     \
  extern "C" FILE* name(const char* path, const char* mode) {                  \
    static const auto real = next<FILE* (*)(const char*, const char*)>(#name); \
    FILE* result = real(path, mode);                                           \
    note(path, result != nullptr);                                             \
    return result;                                                             \
  }

TRACED_OPEN(open)
TRACED_OPEN(open64)
TRACED_OPENAT(openat)
TRACED_OPENAT(openat64)
TRACED_FOPEN(fopen)
TRACED_FOPEN(fopen64)
