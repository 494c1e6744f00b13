// SPDX-License-Identifier: MIT
// The processes that compile for compile_many and precompile: which program they are.
#pragma once

#include <cujitsu/export.hpp>

#include <string>
#include <vector>

namespace cujitsu {

/// The program, and its first arguments, that is started as a worker process. Empty: what CUJITSU_WORKER names, else the
/// `cujitsu` command of the same install (found from where libcujitsu lies), else none, and threads compile instead.
///
/// A program of your own may be it: it calls run_compile_worker when it is started so. Takes effect for workers that are
/// not started yet. May be called from any thread.
CUJITSU_API void set_worker_command(std::vector<std::string> command);

/// What would be started now; empty where there is no such program.
[[nodiscard]] CUJITSU_API std::vector<std::string> worker_command();

/// The whole life of a worker process, whose standard input and output are its parent's: compiles what it is asked for
/// until its input ends. Returns the exit code. `arguments` are what followed the worker command; whatever the program
/// prints goes to standard error from now on. Ends with its parent. Throws nothing.
[[nodiscard]] CUJITSU_API int run_compile_worker(const std::vector<std::string>& arguments);

}  // namespace cujitsu
