// SPDX-License-Identifier: MIT
#include "nvrtc/witnesses.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace cujitsu::nvrtc {
namespace {

constexpr std::time_t settled_after = 2;  // seconds; the coarsest clock of a file system in use (FAT)

template <class T>
void append(std::string& text, T number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
  text += ' ';
}

std::string state_of(const std::optional<struct stat>& status) {
  if (!status) return "missing ";
  std::string text;
  append(text, status->st_dev);
  append(text, status->st_ino);
  append(text, status->st_size);
  append(text, status->st_mtim.tv_sec);
  append(text, status->st_mtim.tv_nsec);
  return text;
}

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

}  // namespace

std::optional<struct stat> Witnesses::look_at(const std::string& path) {
  auto status = status_of(path);
  if (std::ranges::find(witnesses_, path, &Witness::path) == witnesses_.end())
    witnesses_.push_back(
        {path, state_of(status), status && status->st_mtim.tv_sec + settled_after > std::time(nullptr)});
  return status;
}

std::string Witnesses::text() const {
  std::string result;
  for (const auto& witness : witnesses_) {
    if (witness.is_recent || witness.path.find('\n') != std::string::npos) return {};
    result += witness.state;
    result += '|';
    result += witness.path;
    result += '\n';
  }
  return result;
}

bool Witnesses::still_hold(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto bar = line.find('|');  // the first: there is none in a state
    if (bar == std::string_view::npos) return false;
    if (state_of(status_of(std::string(line.substr(bar + 1)))) != line.substr(0, bar)) return false;
  }
  return true;
}

}  // namespace cujitsu::nvrtc
