// SPDX-License-Identifier: MIT
// Finds NVRTC and the headers that belong to it, without loading anything.
#pragma once

#include <cujitsu/libraries.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cujitsu::nvrtc {

/// One NVRTC library with its headers.
struct Toolkit {
  std::string library;   ///< libnvrtc, canonical path
  std::string builtins;  ///< libnvrtc-builtins in the same folder
  std::string origin;    ///< who named it
  int major = 0;         ///< from the file names
  int minor = 0;
  /// Which compiler this is, for the cache key: build id and version; no path, so that a copy elsewhere is the same.
  std::string identity;

  /// Its own headers, then CCCL; empty where there are none. Looked for by each call, as a cache hit does not need them.
  [[nodiscard]] std::vector<std::string> include_dirs() const;
};

struct SearchResult {
  std::vector<LibraryCandidate> candidates;  ///< in the order in which they were looked at
  std::shared_ptr<const Toolkit> toolkit;    ///< nullptr when there is none
};

/// Looks at every candidate and takes the newest whose major version is at most `driver_major` (0: any). An explicit
/// CUJITSU_NVRTC is taken as it is. The answer is remembered until the wheel folders change. May be called from any thread.
[[nodiscard]] SearchResult find_toolkit(int driver_major);

/// Where the outcome of a search is kept for the next process, under the inputs of the search.
class SearchMemo {
 public:
  virtual ~SearchMemo() = default;
  [[nodiscard]] virtual std::optional<std::string> load(const std::string& inputs) = 0;
  virtual void save(const std::string& inputs, const std::string& text) = 0;
};

/// The toolkit of find_toolkit, or nullptr where there is none. With a `memo`, a search
/// that an earlier process made is not made again while everything that it looked at is unchanged: looking at that again
/// takes a quarter of the time, and a search is half of a cache hit. May be called from any thread.
[[nodiscard]] std::shared_ptr<const Toolkit> look_for_toolkit(int driver_major, SearchMemo* memo = nullptr);

/// The same; throws LoadError that lists the candidates and what to install.
[[nodiscard]] std::shared_ptr<const Toolkit> require_toolkit(int driver_major, SearchMemo* memo = nullptr);

/// The message's lines and the exception for a search that found nothing usable.
[[noreturn]] void raise_no_toolkit(const std::vector<LibraryCandidate>& candidates);

}  // namespace cujitsu::nvrtc
