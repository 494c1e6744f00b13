// SPDX-License-Identifier: MIT
#include "cli/files.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <system_error>

namespace cujitsu::cli {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

[[noreturn]] void fail(const char* verb, const std::string& file, int error) {
  throw ArgumentError(fmt::format("can not {} '{}': {}", verb, file, std::strerror(error)));
}

}  // namespace

std::string read_source(const std::string& file) {
  if (file == "-") {
    std::string text(std::istreambuf_iterator<char>(std::cin), {});
    if (std::cin.bad()) throw ArgumentError("can not read standard input");
    return text;
  }
  // C streams, because they tell why: a folder opens well and fails with EISDIR only when it is read.
  const File stream(std::fopen(file.c_str(), "rb"), &std::fclose);
  if (!stream) fail("read", file, errno);
  std::string text;
  char chunk[1 << 14];
  while (const auto count = std::fread(chunk, 1, sizeof chunk, stream.get())) text.append(chunk, count);
  if (std::ferror(stream.get()) != 0) fail("read", file, errno);
  return text;
}

void write_result(Console& console, const std::string& file, std::string_view bytes) {
  if (file == "-") {
    console.out << bytes;
    return;
  }
  File stream(std::fopen(file.c_str(), "wb"), &std::fclose);
  if (!stream) fail("write", file, errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stream.get()) == bytes.size();
  int error = errno;
  const bool closed = std::fclose(stream.release()) == 0;
  if (written && closed) return;
  if (written) error = errno;
  // Never a device such as /dev/full: that is the user's, and not half a result.
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored)) std::filesystem::remove(file, ignored);
  fail("write", file, error);
}

}  // namespace cujitsu::cli
