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

KernelCache::KernelCache(const std::filesystem::path& root, const KernelCacheOptions& options)
    : store_(std::make_unique<Store>(checked_root(root), std::string(), StoreSettings{options, true})) {}

KernelCache::KernelCache(std::unique_ptr<Store> store) : store_(std::move(store)) {}

KernelCache::~KernelCache() = default;

KernelCache& KernelCache::standard() {
  // Never destroyed: modules with a longer life may still compile while static destructors run.
  static auto* const instance = [] {
    auto root = standard_root();
    return new KernelCache(
        std::make_unique<Store>(root.path, std::move(root.disabled_reason), StoreSettings{standard_options(), true}));
  }();
  return *instance;
}

const std::filesystem::path& KernelCache::path() const noexcept { return store_->path(); }
const std::string& KernelCache::disabled_reason() const noexcept { return store_->disabled_reason(); }
const std::vector<std::filesystem::path>& KernelCache::seeds() const noexcept { return store_->seeds(); }
std::vector<CacheSummary> KernelCache::list(const CacheFilter& filter) const { return store_->list(filter); }
CacheEntry KernelCache::find(std::string_view prefix) const { return store_->find(prefix); }
std::uint64_t KernelCache::clear() { return store_->clear(); }
PruneResult KernelCache::prune(const PruneOptions& options) { return store_->prune(options); }
VerifyReport KernelCache::verify(const VerifyOptions& options) { return store_->verify(options); }
CacheStats KernelCache::stats() const { return store_->stats(); }
BundleExport KernelCache::export_bundle(const std::filesystem::path& file, const CacheFilter& filter,
                                        const std::vector<std::string>& keys) const {
  return store_->export_bundle(file, filter, keys);
}
BundleImport KernelCache::import_bundle(const std::filesystem::path& file) { return store_->import_bundle(file); }

}  // namespace cujitsu
