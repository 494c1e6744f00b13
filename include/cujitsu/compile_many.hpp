// SPDX-License-Identifier: MIT
// Many programs at once, and one while the caller goes on.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// What compile() takes. `cache` is not owned and must live until the compile has ended; nullptr: none.
struct CompileRequest {
  std::string source;
  CompileOptions options = {};
  KernelCache* cache = &KernelCache::standard();
};

/// Where NVRTC runs. What the cache has is answered within the calling process in each mode.
enum class CompileMode {
  automatic,  ///< processes for several programs that include headers, or very many of any kind; else threads
  threads,    ///< this process's own: NVRTC's front end then serves one of them at a time, its back end all
  processes,  ///< worker processes (see compile_worker.hpp); threads where there is no program for them
};

struct CompileManyOptions {
  /// How many compile at once; 0: what CUJITSU_COMPILE_WORKERS says, else as many as this process may use CPUs.
  unsigned workers = 0;
  CompileMode mode = CompileMode::automatic;
  /// Called after each program with how many have ended and how many there are, by the thread that called compile_many.
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  /// When it asks to stop, what has not begun is dropped, workers are killed, and NVRTC is told to end (12.8).
  std::stop_token stop = {};
};

/// Some of many programs failed: one report for all of them. The others were compiled, and are in the cache and here.
///
/// what() names each failure in one line, up to twenty. As a CompileError it has all diagnostics and logs, one after the other.
class CUJITSU_API CompileManyError : public CompileError {
 public:
  struct Failure {
    std::size_t index = 0;     ///< of the request
    std::string name;          ///< the program's
    std::exception_ptr error;  ///< what compile() would have thrown: mostly a CompileError
    std::string message;       ///< its what()
  };

  CompileManyError(std::vector<Failure> failures, std::vector<std::optional<CompiledCode>> results);
  CompileManyError(const CompileManyError&) = default;
  ~CompileManyError() override;

  /// In the order of the requests.
  [[nodiscard]] const std::vector<Failure>& failures() const noexcept { return *failures_; }
  /// One for each request, in their order; nothing where it failed.
  [[nodiscard]] const std::vector<std::optional<CompiledCode>>& results() const noexcept { return *results_; }

 private:
  // Shared, so that copying the exception can not throw.
  std::shared_ptr<const std::vector<Failure>> failures_;
  std::shared_ptr<const std::vector<std::optional<CompiledCode>>> results_;
};

/// Compiles all of them, several at once, each as compile() does; the results are in the order of the requests.
///
/// May be called from any thread, by several at once. Every request is tried, whatever becomes of the others. Then throws
/// CompileManyError when any failed; LoadError when all of them failed by one (there is no NVRTC); CancelledError when
/// `stop` asked for it. What `progress` throws cancels the rest and is thrown on.
///
/// The threads are made when first needed, stay until the process exits, and are no more than the largest `workers` asked
/// for. Worker processes live while compiles need them. A worker that dies (killed, out of memory) costs its program one
/// more try, in another one. A forked child makes threads and workers of its own.
[[nodiscard]] CUJITSU_API std::vector<CompiledCode> compile_many(std::span<const CompileRequest> requests,
                                                                 const CompileManyOptions& options = {});

enum class CompileStatus {
  pending,    ///< waits for a thread
  running,    ///< looks into the cache, or compiles
  done,       ///< get() returns the code
  failed,     ///< get() throws the error
  cancelled,  ///< get() throws CancelledError
};

/// "pending", "running", "done", "failed" or "cancelled".
[[nodiscard]] CUJITSU_API std::string_view to_string(CompileStatus status) noexcept;

class CompileJob;  ///< private to the library

/// A compile that is under way. Copies are the same compile; dropping all of them lets it go on, for the cache.
/// Every function may be called from any thread. In a forked child only what had ended before the fork can be got; to wait
/// for another throws Error.
class CUJITSU_API CompileFuture {
 public:
  explicit CompileFuture(std::shared_ptr<CompileJob> job) noexcept;

  [[nodiscard]] CompileStatus status() const noexcept;
  /// Whether it is done, failed or cancelled.
  [[nodiscard]] bool done() const noexcept;
  void wait() const;
  /// False when the time was up first.
  [[nodiscard]] bool wait_for(std::chrono::nanoseconds time) const;
  /// Waits; then the code, or what compile() threw. May be called again.
  [[nodiscard]] CompiledCode get() const;
  /// True when it is cancelled, or will be as soon as what runs has stopped: at once in a worker process; in a thread when
  /// NVRTC comes to its next phase (12.8; before that when it has ended). False when it had ended already.
  bool cancel() const;
  /// Calls `function` once when it has ended: by the thread that ended it, or now if it has. It must not throw, and whatever it
  /// waits for must not need this pool.
  void on_done(std::function<void()> function) const;

 private:
  std::shared_ptr<CompileJob> job_;
};

/// Starts compile() in one of the threads of compile_many. Throws nothing but for lack of memory: what goes wrong is
/// thrown by CompileFuture::get. `cache` must live until the compile has ended.
[[nodiscard]] CUJITSU_API CompileFuture compile_async(std::string source, CompileOptions options = {},
                                                      KernelCache* cache = &KernelCache::standard());

}  // namespace cujitsu
