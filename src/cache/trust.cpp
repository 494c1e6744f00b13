// SPDX-License-Identifier: MIT
#include "cache/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
#include <deque>

namespace cujitsu {
namespace {

constexpr int most_links = 40;  // as Linux

std::string refusal_of_owner(const file::Status& status, Owners owners) {
  const auto user = ::geteuid();
  if (status.owner == user || (owners == Owners::user_or_root && status.owner == 0)) return {};
  return fmt::format("it belongs to user {}, not to {}user {} who runs this", status.owner,
                     owners == Owners::user_or_root ? "root or " : "", user);
}

bool others_may_write(const file::Status& status) { return (status.permissions & (S_IWGRP | S_IWOTH)) != 0; }

/// For a folder above the one that counts. A group of which the user's processes are members by default is taken for the
/// user's own, as many systems give each user one and let it write.
bool others_may_replace_what_is_in(const file::Status& status) {
  if ((status.permissions & S_ISVTX) != 0) return false;
  if ((status.permissions & S_IWOTH) != 0) return true;
  return (status.permissions & S_IWGRP) != 0 && status.group != 0 && status.group != ::getegid();
}

void put_in_front(std::deque<std::string>& rest, const std::string& path) {
  std::deque<std::string> parts;
  for (std::size_t start = 0; start < path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    if (slash > start) parts.push_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  rest.insert(rest.begin(), parts.begin(), parts.end());
}

PathCheck check_last(const file::Status& folder, Owners owners) {
  if (folder.type != file::Type::folder) return {0, "it is not a folder"};
  if (auto refusal = refusal_of_owner(folder, owners); !refusal.empty()) return {0, std::move(refusal)};
  if (others_may_write(folder))
    return {0, fmt::format("other users may write into it (mode {:04o}; chmod go-w mends that)", folder.permissions)};
  return {};
}

}  // namespace

PathCheck check_folder(const std::string& path, Owners owners) {
  std::deque<std::string> rest;
  put_in_front(rest, path);
  std::string resolved;  // without links; "" is "/"
  file::Status status;
  if (const int error = file::link_status("/", status)) return {error, {}};
  int links = 0;
  while (!rest.empty()) {
    const auto name = std::move(rest.front());
    rest.pop_front();
    if (name == ".") continue;
    if (name == "..") {
      resolved.resize(std::min(resolved.rfind('/'), resolved.size()));
      if (const int error = file::link_status(resolved.empty() ? "/" : resolved, status)) return {error, {}};
      continue;
    }
    // What is left of the path is reached through the folder where we are.
    if (others_may_replace_what_is_in(status))
      return {0, fmt::format("other users may write into {}, which it lies in (mode {:04o}), and so put another in its "
                             "place; chmod go-w or the sticky bit (chmod +t) mends that",
                             resolved.empty() ? "/" : resolved, status.permissions)};
    const auto next = resolved + '/' + name;
    if (const int error = file::link_status(next, status)) return {error, {}};
    if (status.type != file::Type::link) {
      if (status.type != file::Type::folder && !rest.empty()) return {ENOTDIR, {}};
      resolved = next;
      continue;
    }
    // Whoever owns a link can point it elsewhere after this check.
    if (status.owner != 0 && status.owner != ::geteuid())
      return {0,
              fmt::format("it is reached through the link {}, which belongs to user {}, not to user {} who runs this",
                          next, status.owner, ::geteuid())};
    if (++links > most_links) return {ELOOP, {}};
    std::string target;
    if (const int error = file::read_link(next, target)) return {error, {}};
    if (target.starts_with('/')) resolved.clear();
    if (const int error = file::link_status(resolved.empty() ? "/" : resolved, status)) return {error, {}};
    put_in_front(rest, target);
  }
  return check_last(status, owners);
}

std::string distrust_of_file(const file::Status& status) {
  if (auto refusal = refusal_of_owner(status, Owners::user_or_root); !refusal.empty()) return refusal;
  if (others_may_write(status)) return fmt::format("other users may write into it (mode {:04o})", status.permissions);
  return {};
}

}  // namespace cujitsu
