// SPDX-License-Identifier: MIT
#include "driver/driver.hpp"

#include "base/dynamic_library.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "driver/driver_log.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>

namespace cujitsu::driver {

constinit std::atomic<const Api*> detail::ready{nullptr};

namespace {

using detail::ready;

constexpr const char* softgpu_soname = "libcujitsu_softgpu.so";

struct State {
  std::mutex mutex;
  Api table;
  DriverReport report;
  bool tried = false;
  pid_t owner = 0;
};

// Never destroyed, as objects of static storage may outlive it.
State& state() {
  static auto* instance = new State;
  return *instance;
}

std::atomic<bool> exiting{false};
std::atomic<bool> forked{false};

void after_fork_in_child() noexcept {
  ready.store(nullptr, std::memory_order_relaxed);
  forked.store(true, std::memory_order_relaxed);
}

using GetProcAddressV1 = Result (*)(const char*, void**, int, std::uint64_t);
using GetProcAddressV2 = Result (*)(const char*, void**, int, std::uint64_t, int*);

/// Asks one library for its functions, each with the version whose parameters symbols.inc declares.
class SymbolFinder {
 public:
  explicit SymbolFinder(const DynamicLibrary& library)
      : v2_(library.function<GetProcAddressV2>("cuGetProcAddress_v2")),
        v1_(library.function<GetProcAddressV1>("cuGetProcAddress")) {}

  [[nodiscard]] explicit operator bool() const noexcept { return v2_ != nullptr || v1_ != nullptr; }

  template <class Function>
  bool find(const char* name, int version, Function& function) const {
    void* address = nullptr;
    int status = 0;
    const Result result = v2_ != nullptr ? v2_(name, &address, version, get_proc_address_default, &status)
                                         : v1_(name, &address, version, get_proc_address_default);
    function = result == result::success ? reinterpret_cast<Function>(address) : nullptr;
    return function != nullptr;
  }

 private:
  GetProcAddressV2 v2_;
  GetProcAddressV1 v1_;
};

std::string describe(const Api& table, Result result) {
  const char* name = nullptr;
  const char* text = nullptr;
  table.cuGetErrorName(result, &name);
  table.cuGetErrorString(result, &text);
  return fmt::format("{} ({}){}{}", name != nullptr ? name : "error", result, text != nullptr ? ": " : "",
                     text != nullptr ? text : "");
}

/// Fills the table from an opened library and initialises it; says why when it is of no use.
std::optional<std::string> why_unusable(const DynamicLibrary& library, Api& table, DriverReport& report) {
  const SymbolFinder finder(library);
  if (!finder) return "it has no cuGetProcAddress: a driver of CUDA 11.3 (R465) or newer is needed";
  std::vector<std::string> missing;
  std::vector<std::string> features;
#define REQUIRED(name, version, parameters) \
  if (!finder.find(#name, version, table.name)) missing.emplace_back(#name);
#define OPTIONAL(name, version, parameters, feature)                                                \
  if (!finder.find(#name, version, table.name) && (features.empty() || features.back() != feature)) \
    features.emplace_back(feature);
#include "driver/symbols.inc"
#undef REQUIRED
#undef OPTIONAL
  if (!missing.empty()) return fmt::format("it lacks {}", text::join(missing, ", "));

  if (const Result result = table.cuInit(0); result != result::success) {
    const char* hint = result == result::stub_library ? "; it is the toolkit's stub for linking, not a driver"
                       : result == result::no_device  ? "; the driver is there, but no device"
                                                      : "";
    // Something in the environment that the driver does not understand: only its log says what.
    unsigned beginning = 0;
    const auto log = result == result::invalid_value ? read_log(table, beginning) : std::string();
    return fmt::format("cuInit failed: {}{}{}{}", describe(table, result), hint, log.empty() ? "" : ": ", log);
  }
  int count = 0;
  if (const Result result = table.cuDeviceGetCount(&count); result != result::success)
    return fmt::format("cuDeviceGetCount failed: {}", describe(table, result));
  if (count == 0) return "the driver is there, but no device (is CUDA_VISIBLE_DEVICES empty?)";
  if (const Result result = table.cuDriverGetVersion(&report.version); result != result::success)
    return fmt::format("cuDriverGetVersion failed: {}", describe(table, result));
  report.missing_features = std::move(features);
  return std::nullopt;
}

struct Wanted {
  std::string name;
  std::string origin;
  bool only_if_loaded = false;
};

std::vector<Wanted> wanted_libraries(const std::string& choice) {
  std::vector<Wanted> wanted;
  if (choice != "softgpu") {
    if (const auto path = environment_value("CUJITSU_LIBCUDA")) {
      wanted.push_back({*path, "CUJITSU_LIBCUDA"});
    } else {
      // The process may have opened one from elsewhere (an RPATH, an embedding program): two drivers do not mix.
      wanted.push_back({"libcuda.so.1", "already loaded", true});
      wanted.push_back({"libcuda.so.1", "system loader"});
      wanted.push_back({"/usr/lib/wsl/lib/libcuda.so.1", "WSL"});
    }
  }
  if (choice != "cuda") {
    if (const auto folder = own_library_folder(); !folder.empty())
      wanted.push_back({folder + "/" + softgpu_soname, "beside cujitsu"});
    wanted.push_back({softgpu_soname, "system loader"});
  }
  return wanted;
}

/// Under the lock: opens the first usable library.
void open_driver(State& state) {
  const auto choice = environment_value("CUJITSU_DRIVER").value_or("auto");
  auto& report = state.report;
  if (choice != "auto" && choice != "cuda" && choice != "softgpu") {
    report.candidates.push_back({"", "CUJITSU_DRIVER", false, "'" + choice + "' is not one of auto, cuda, softgpu"});
    return;
  }
  for (const auto& [name, origin, only_if_loaded] : wanted_libraries(choice)) {
    std::string error;
    const auto library = only_if_loaded ? DynamicLibrary::find_loaded(name) : DynamicLibrary::open(name, error);
    if (!library) {
      if (!only_if_loaded) report.candidates.push_back({name, origin, false, error});
      continue;
    }
    // The system loader may find the one that has just been refused.
    if (std::ranges::find(report.candidates, library.path(), &LibraryCandidate::path) != report.candidates.end())
      continue;
    auto& candidate = report.candidates.emplace_back(LibraryCandidate{library.path(), origin, false, {}});
    if (auto reason = why_unusable(library, state.table, report)) {
      candidate.reason = std::move(*reason);
      if (only_if_loaded) break;  // the system loader would give the same one again
      continue;
    }
    candidate.chosen = true;
    candidate.reason = fmt::format("CUDA {}.{}", report.version / 1000, report.version % 1000 / 10);
    report.usable = true;
    report.is_software = library.symbol("cujitsu_softgpu_version") != nullptr;
    log::debug("driver: {} ({})", candidate.path, candidate.reason);
    if (choice == "auto" && report.is_software)
      log::info("no CUDA device: kernels run on the CPU, through {}", library.path());
    break;
  }
}

const State& opened() {
  auto& it = state();
  const std::lock_guard lock(it.mutex);
  if (!it.tried) {
    it.tried = true;
    open_driver(it);
    if (it.report.usable) {
      it.owner = ::getpid();
      // Registered now and not at load time: handlers run in reverse order, so this one runs before the driver's own
      // shuts down, and objects that are destroyed later know that they must not call it.
      std::atexit([] { set_exiting(); });
      ::pthread_atfork(nullptr, nullptr, after_fork_in_child);
      ready.store(&it.table, std::memory_order_release);
    }
  }
  return it;
}

[[noreturn]] void raise_forked() {
  const auto parent = state().owner;
  throw DriverError(
      fmt::format("this process ({}) was forked from process {} after that had initialised CUDA; the driver does not "
                  "work in such a child. Start workers before the first use of cujitsu, or start them with 'spawn' "
                  "or 'forkserver' (Python: multiprocessing.set_start_method(\"spawn\"))",
                  ::getpid(), parent),
      {.code = result::not_initialized, .name = "CUDA_ERROR_NOT_INITIALIZED", .call = "fork", .object = {}});
}

[[noreturn]] void raise_not_found(const DriverReport& report) {
  std::vector<std::string> tried;
  std::string message = "no usable CUDA driver:";
  for (const auto& candidate : report.candidates) {
    tried.push_back(fmt::format("{} ({}): {}", candidate.path, candidate.origin, candidate.reason));
    message += "\n  " + tried.back();
  }
  message += "\n`cujitsu doctor` tells more.";
  throw LoadError(message, std::move(tried));
}

}  // namespace

const Api& detail::open_api() {
  if (forked.load(std::memory_order_relaxed)) raise_forked();
  const auto& it = opened();
  if (!it.report.usable) raise_not_found(it.report);
  return it.table;
}

const Api* api_if_alive() noexcept {
  return exiting.load(std::memory_order_relaxed) ? nullptr : ready.load(std::memory_order_acquire);
}

void set_exiting() noexcept { exiting.store(true, std::memory_order_relaxed); }

DriverReport report() {
  if (forked.load(std::memory_order_relaxed)) raise_forked();
  return opened().report;
}

bool is_software() noexcept {
  if (forked.load(std::memory_order_relaxed)) return state().report.is_software;
  return opened().report.is_software;
}

int version_or_zero() noexcept {
  if (forked.load(std::memory_order_relaxed)) return state().report.version;
  return opened().report.version;
}

}  // namespace cujitsu::driver
