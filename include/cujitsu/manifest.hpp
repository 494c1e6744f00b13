// SPDX-License-Identifier: MIT
// The programs that a run used, in a text file: see docs/cache-format.md.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/export.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace cujitsu {

/// One compile as a program asked for it. `options.arch` is empty where it left that to the device.
struct RecordedCompile {
  std::string source;
  CompileOptions options;
};

struct Manifest {
  std::vector<RecordedCompile> compiles;  ///< each once, in the order of the file
  std::vector<std::string> problems;      ///< one sentence for each line that is no compile
};

/// Throws ArgumentError when the file can not be read, is no manifest, or one of another version.
[[nodiscard]] CUJITSU_API Manifest read_manifest(const std::filesystem::path& file);

/// While it lives, every compile of this process that succeeds (a hit, a miss or a bypass alike) is added to a manifest,
/// besides the one of CUJITSU_RECORD.
///
/// Several recordings, threads and processes may write one file: what it has already is not added again, and what others
/// wrote stays. The file is made with the first compile. One that can not be written is one warning in the log.
class CUJITSU_API Recording {
 public:
  /// A relative `file` counts from the current folder now. Throws ArgumentError for an empty path.
  explicit Recording(const std::filesystem::path& file);
  /// Ends the recording; compiles that are under way in other threads may or may not be in it.
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// As the destructor does. May be called again.
  void stop() noexcept;
  /// Absolute.
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
  /// How many distinct compiles it has seen.
  [[nodiscard]] std::uint64_t count() const noexcept;

  class Recorder;  ///< private to the library

 private:
  std::filesystem::path file_;
  std::shared_ptr<Recorder> recorder_;
};

}  // namespace cujitsu
