// SPDX-License-Identifier: MIT
#include "cache/root.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

#include <cujitsu/environment.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <optional>
#include <system_error>

namespace cujitsu {
namespace {

bool disabled_by_user() {
  const auto value = environment_value("CUJITSU_CACHE_DISABLE");
  if (!value || *value == "0") return false;
  if (*value == "1") return true;
  log::warning_once("cache: CUJITSU_CACHE_DISABLE", "CUJITSU_CACHE_DISABLE={} is neither 0 nor 1; taking 0", *value);
  return false;
}

/// A relative folder would be another one in every current folder; the XDG specification says to ignore it.
std::optional<std::filesystem::path> absolute_folder(const char* variable) {
  const auto value = environment_value(variable);
  if (!value) return std::nullopt;
  if (std::filesystem::path path(*value); path.is_absolute()) return path;
  log::debug("{}={} is ignored: it is not an absolute path", variable, *value);
  return std::nullopt;
}

}  // namespace

StandardRoot standard_root() {
  if (disabled_by_user()) return {{}, "the kernel cache is disabled by CUJITSU_CACHE_DISABLE=1"};
  if (const auto chosen = environment_value("CUJITSU_CACHE_DIR")) {
    std::error_code error;
    auto path = std::filesystem::absolute(*chosen, error);
    if (!error) return {std::move(path), {}};
    log::warning_once("cache: CUJITSU_CACHE_DIR",
                      "no kernel cache is used: CUJITSU_CACHE_DIR={} is relative, and the current folder is not known: "
                      "{}; set it to an absolute path",
                      *chosen, error.message());
    return {{}, "CUJITSU_CACHE_DIR is relative, and the current folder is not known"};
  }
  if (const auto caches = absolute_folder("XDG_CACHE_HOME")) return {*caches / "cujitsu", {}};
  if (const auto home = absolute_folder("HOME")) return {*home / ".cache" / "cujitsu", {}};
  log::warning_once("cache: no folder",
                    "no kernel cache is used: none of CUJITSU_CACHE_DIR, XDG_CACHE_HOME and HOME names a folder; set "
                    "CUJITSU_CACHE_DIR to one, or CUJITSU_CACHE_DISABLE=1 to go on without");
  return {{}, "there is no folder for the kernel cache: CUJITSU_CACHE_DIR, XDG_CACHE_HOME and HOME are not set"};
}

RootCheck check_root(const std::string& root) {
  file::Status folder;
  if (const int error = file::link_status(root, folder)) return {error, {}};
  const auto user = ::geteuid();
  if (folder.type == file::Type::link) {
    // Whoever owns a link can point it elsewhere after this check.
    if (folder.owner != user)
      return {0, fmt::format("it is a link that belongs to user {}, not to user {} who runs this", folder.owner, user)};
    if (const int error = file::status(root, folder)) return {error, {}};
  }
  if (folder.type != file::Type::folder) return {0, "it is not a folder"};
  if (folder.owner != user)
    return {0, fmt::format("it belongs to user {}, not to user {} who runs this", folder.owner, user)};
  if ((folder.permissions & (S_IWGRP | S_IWOTH)) != 0)
    return {0, fmt::format("other users may write into it (mode {:04o}; chmod 700 mends that)", folder.permissions)};
  return {};
}

}  // namespace cujitsu
