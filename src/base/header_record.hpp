// SPDX-License-Identifier: MIT
// What a program includes, as it was found.
#pragma once

#include "base/file_stamp.hpp"
#include "base/hash.hpp"

#include <string>
#include <vector>

namespace cujitsu {

/// A header that was read. Its path and its content's hash are what counts; the rest helps to tell later whether it is
/// still the same.
struct HeaderRecord {
  std::string path;         ///< as NVRTC opens it; a relative one counts from the current folder of the moment
  bool is_toolkit = false;  ///< in one of the toolkit's own folders
  StrongHash hash{};        ///< of its content
  FileStamp stamp;          ///< when it was read; this machine's
  std::string text;         ///< its content, where it is kept for explain(): short ones of the user's
};

/// A plain value. Headers in memory are no part of it: they are in the request.
struct ClosureRecord {
  std::vector<HeaderRecord> headers;  ///< in the order of their first use
  std::vector<std::string> present;   ///< only asked for, by __has_include: no matter what is in them
  std::vector<std::string> absent;    ///< looked at before one was found, and no file was there; in order, each once
};

}  // namespace cujitsu
