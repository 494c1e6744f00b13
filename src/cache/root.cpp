// SPDX-License-Identifier: MIT
#include "cache/root.hpp"

#include "base/byte_size.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

#include <cujitsu/environment.hpp>

#include <algorithm>
#include <optional>
#include <string>
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

KernelCacheOptions standard_options() {
  KernelCacheOptions options;
  if (const auto value = environment_value("CUJITSU_CACHE_MAX_BYTES")) {
    if (const auto bytes = parse_byte_size(*value))
      options.max_bytes = *bytes;
    else
      log::warning_once("cache: CUJITSU_CACHE_MAX_BYTES",
                        "CUJITSU_CACHE_MAX_BYTES='{}' is not a number of bytes (also with K, M or G; 0 for no bound); "
                        "taking {}",
                        *value, text::bytes(options.max_bytes));
  }
  if (const auto value = environment_value("CUJITSU_CACHE_SEED"))
    for (std::size_t start = 0; start < value->size();) {
      const auto colon = std::min(value->find(':', start), value->size());
      if (colon > start) options.seeds.emplace_back(value->substr(start, colon - start));
      start = colon + 1;
    }
  if (const auto value = environment_value("CUJITSU_CACHE_KEY_FILE")) options.key_file = *value;
  return options;
}

}  // namespace cujitsu
