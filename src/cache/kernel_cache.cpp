// SPDX-License-Identifier: MIT
#include <cujitsu/kernel_cache.hpp>

#include "cache/root.hpp"
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace cujitsu {
namespace {

std::filesystem::path checked_root(const std::filesystem::path& root) {
  if (root.empty()) throw ArgumentError("a kernel cache needs a folder; the path is empty");
  std::error_code error;
  auto result = std::filesystem::absolute(root, error);
  if (error)
    throw ArgumentError(
        fmt::format("'{}' is relative, and the current folder is not known: {}", root.native(), error.message()));
  return result;
}

}  // namespace

KernelCache::KernelCache(const std::filesystem::path& root) : store_(std::make_unique<Store>(checked_root(root))) {}

KernelCache::KernelCache(std::unique_ptr<Store> store) : store_(std::move(store)) {}

KernelCache::~KernelCache() = default;

KernelCache& KernelCache::standard() {
  // Never destroyed: modules with a longer life may still compile while static destructors run.
  static auto* const instance = [] {
    auto root = standard_root();
    return new KernelCache(std::make_unique<Store>(root.path, std::move(root.disabled_reason)));
  }();
  return *instance;
}

const std::filesystem::path& KernelCache::path() const noexcept { return store_->path(); }
const std::string& KernelCache::disabled_reason() const noexcept { return store_->disabled_reason(); }
std::vector<CacheEntry> KernelCache::list() const { return store_->list(); }
CacheEntry KernelCache::find(std::string_view prefix) const { return store_->find(prefix); }
std::uint64_t KernelCache::clear() { return store_->clear(); }
CacheStats KernelCache::stats() const { return store_->stats(); }

}  // namespace cujitsu
