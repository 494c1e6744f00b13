// SPDX-License-Identifier: MIT
// Which of the stored entries answers, and what a hit is.
#include "base/file.hpp"
#include "base/log.hpp"
#include "cache/guarded.hpp"
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu {

std::vector<layout::EntryFile> KernelCache::Store::candidates(std::string_view prefix) noexcept {
  std::string reason;
  return guarded(reason, [&] {
    std::vector<layout::EntryFile> result;
    const auto add = [&](CacheFolder& place) {
      if (!disabled_reason_.empty() || !place.access().usable) return;
      try {
        auto found = layout::entries(place.folder(), prefix);
        std::sort(found.begin(), found.end(), [](const layout::EntryFile& a, const layout::EntryFile& b) {
          return a.modified != b.modified ? a.modified > b.modified : a.key < b.key;
        });
        for (auto& file : found) {
          file.is_in_seed = place.is_seed();
          result.push_back(std::move(file));
        }
      } catch (const CacheError& error) {
        log::warning_once("cache: unreadable " + place.root(), "{}", error.what());
      }
    };
    add(root_);
    for (const auto& seed : seeds_) add(*seed);
    return result;
  });
}

std::optional<KernelCache::Store::LoadedEntry> KernelCache::Store::look_up(const CacheKey& key, const Accepts& accepts,
                                                                           std::string& reason) noexcept {
  reason.clear();
  return guarded(reason, [&]() -> std::optional<LoadedEntry> {
    const auto look_in = [&](CacheFolder& place, std::string& why) -> std::optional<LoadedEntry> {
      layout::EntryFile file;
      file.key = key.hex;
      file.path = layout::entry(place.folder(), key.hex).path();
      file.is_in_seed = place.is_seed();
      auto loaded = read_from(place, file, why);
      if (!loaded) return std::nullopt;
      if (loaded->entry().material != key.material) {
        log::debug("{} holds another program's entry", file.path);
        why = "the stored entry is another program's with the same key";
        return std::nullopt;
      }
      if (accepts && !accepts(loaded->entry())) return std::nullopt;
      return loaded;
    };
    if (auto found = look_in(root_, reason)) return found;
    if (!enabled()) return std::nullopt;
    for (const auto& seed : seeds_) {
      std::string why;
      if (auto found = look_in(*seed, why)) return found;
      if (reason.empty()) reason = std::move(why);
    }
    return std::nullopt;
  });
}

std::optional<KernelCache::Store::LoadedEntry> KernelCache::Store::look_up_variant(std::string_view source,
                                                                                   const Accepts& accepts,
                                                                                   std::string& reason) noexcept {
  reason.clear();
  return guarded(reason, [&]() -> std::optional<LoadedEntry> {
    for (const auto& file : candidates(key_group(source))) {
      std::string why;
      auto loaded = read_entry(file, why);
      if (loaded && accepts(loaded->entry())) return loaded;
      if (!loaded && reason.empty()) reason = std::move(why);
    }
    if (!enabled()) reason = disabled_reason();
    return std::nullopt;
  });
}

std::optional<CompiledCode> KernelCache::Store::load(const CacheKey& key, std::string& reason) noexcept {
  auto found = look_up(key, {}, reason);
  if (!found) return std::nullopt;
  return take_hit(*found);
}

CompiledCode KernelCache::Store::take_hit(const LoadedEntry& loaded) {
  const auto& file = loaded.file;
  auto code = as_hit(file.key, loaded.entry().code);
  std::string reason;
  guarded(reason, [&] {
    memo_.keep(file.path, loaded.stamp, loaded.sound);
    if (file.is_in_seed) code.cache_reason += fmt::format(" (in the seed {})", place_of(file).root());
    ends_with_process();
    // A mark that can not be set costs nothing but the order in which entries are evicted.
    if (counter_.count_hit({file.key, file.bytes, code.seconds, file.modified}) && !file.is_in_seed)
      return file::touch(file.path) == 0;
    return false;
  });
  return code;
}

}  // namespace cujitsu
