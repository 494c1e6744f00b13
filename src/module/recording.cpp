// SPDX-License-Identifier: MIT
#include "module/recording.hpp"

#include "base/byte_stream.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/line_file.hpp"
#include "base/log.hpp"
#include "cache/options_codec.hpp"
#include "module/manifest.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/manifest.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

namespace cujitsu {
namespace {

/// Tells compiles apart faster than their lines are made; by what stands in them.
Hash128 fingerprint(std::string_view source, const CompileOptions& options) {
  ByteWriter writer;
  writer.text(source);
  write_options(writer, options);
  return hash128(writer.bytes());
}

}  // namespace

/// One manifest that is being written. Any thread.
class Recording::Recorder {
 public:
  explicit Recorder(const std::filesystem::path& file) : lines_(file.native(), manifest_first_line()) {}

  void add(const Hash128& print, std::string_view source, const CompileOptions& options) {
    {
      const std::lock_guard lock(mutex_);
      if (!seen_.insert(print).second) return;
    }
    const int error = lines_.add(manifest_line(source, options));
    if (error == 0) return;
    {
      const std::lock_guard lock(mutex_);
      seen_.erase(print);  // tried again when it is compiled again
    }
    log::warning_once("recording: " + lines_.path(), "what is compiled can not be recorded in {}: {}", lines_.path(),
                      file::error_text(error));
  }

  [[nodiscard]] std::uint64_t count() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  std::mutex mutex_;
  std::set<Hash128> seen_;
  file::LineFile lines_;
};

namespace {

thread_local bool is_paused = false;

using Recorder = Recording::Recorder;

struct Recorders {
  std::mutex mutex;
  std::vector<std::shared_ptr<Recorder>> all;
  std::atomic<bool> any{false};

  Recorders() {
    const auto file = environment_value("CUJITSU_RECORD");
    if (!file) return;
    std::error_code error;
    const auto path = std::filesystem::absolute(*file, error);
    if (error)
      log::warning("CUJITSU_RECORD={} is relative, and the current folder is not known: {}", *file, error.message());
    else
      add(std::make_shared<Recorder>(path));
  }

  void add(std::shared_ptr<Recorder> recorder) {
    const std::lock_guard lock(mutex);
    all.push_back(std::move(recorder));
    any.store(true, std::memory_order_release);
  }

  void remove(const std::shared_ptr<Recorder>& recorder) {
    const std::lock_guard lock(mutex);
    std::erase(all, recorder);
    any.store(!all.empty(), std::memory_order_release);
  }

  std::vector<std::shared_ptr<Recorder>> copy() {
    const std::lock_guard lock(mutex);
    return all;
  }
};

// Never destroyed: modules with a longer life may still compile while static destructors run.
Recorders& recorders() {
  static auto* const instance = new Recorders;
  return *instance;
}

}  // namespace

RecordingPause::RecordingPause() noexcept : before_(std::exchange(is_paused, true)) {}
RecordingPause::~RecordingPause() { is_paused = before_; }

RecordOnSuccess::~RecordOnSuccess() {
  if (is_paused || std::uncaught_exceptions() != exceptions_) return;
  try {
    auto& open = recorders();
    if (!open.any.load(std::memory_order_acquire)) return;
    const auto print = fingerprint(source_, options_);
    for (const auto& recorder : open.copy()) recorder->add(print, source_, options_);
  } catch (const std::exception& error) {  // out of memory: the compile is worth more than its record
    log::warning_once("recording failed", "a compile could not be recorded: {}", error.what());
  }
}

Recording::Recording(const std::filesystem::path& file) {
  if (file.empty()) throw ArgumentError("a recording needs a file; the path is empty");
  std::error_code error;
  file_ = std::filesystem::absolute(file, error);
  if (error)
    throw ArgumentError(
        fmt::format("'{}' is relative, and the current folder is not known: {}", file.native(), error.message()));
  recorder_ = std::make_shared<Recorder>(file_);
  recorders().add(recorder_);
}

Recording::~Recording() { stop(); }

void Recording::stop() noexcept {
  try {
    recorders().remove(recorder_);
  } catch (const std::exception& error) {  // only a mutex can fail here
    log::warning_once("recording stop", "a recording could not be ended: {}", error.what());
  }
}

std::uint64_t Recording::count() const noexcept { return recorder_->count(); }

}  // namespace cujitsu
