// SPDX-License-Identifier: MIT
// Writes to manifests what compile() was asked for.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <exception>
#include <string_view>

namespace cujitsu {

/// Adds the compile to the manifests that are open, when it is destroyed without an exception under way: what does not
/// compile is nothing that a run used. Where nothing is recorded it costs one atomic load. Both arguments must outlive it.
class RecordOnSuccess {
 public:
  RecordOnSuccess(std::string_view source, const CompileOptions& options) noexcept
      : source_(source), options_(options), exceptions_(std::uncaught_exceptions()) {}
  RecordOnSuccess(const RecordOnSuccess&) = delete;
  RecordOnSuccess& operator=(const RecordOnSuccess&) = delete;
  ~RecordOnSuccess();

 private:
  std::string_view source_;
  const CompileOptions& options_;
  int exceptions_;
};

/// While it lives, what this thread compiles is added to no manifest: it is not what the program asked for.
class RecordingPause {
 public:
  RecordingPause() noexcept;
  RecordingPause(const RecordingPause&) = delete;
  RecordingPause& operator=(const RecordingPause&) = delete;
  ~RecordingPause();

 private:
  bool before_;
};

}  // namespace cujitsu
