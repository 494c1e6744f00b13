// SPDX-License-Identifier: MIT
// compile() and explain(): join the compiler, the cache and what the driver says of the device.
#include <cujitsu/compile.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cache/nearest.hpp"
#include "cache/store.hpp"
#include "compile/options.hpp"
#include "driver/driver.hpp"
#include "module/compilation.hpp"
#include "module/compile_policy.hpp"
#include "module/recording.hpp"
#include "module/shared_compile.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cujitsu {
namespace {

/// The search for NVRTC, kept beside the entries.
class StoredSearch final : public nvrtc::SearchMemo {
 public:
  explicit StoredSearch(KernelCache::Store& store) : store_(store) {}
  std::optional<std::string> load(const std::string& inputs) override { return store_.load_note(inputs); }
  void save(const std::string& inputs, const std::string& text) override { store_.save_note(inputs, text); }

 private:
  KernelCache::Store& store_;
};

/// nullptr where there is none.
std::shared_ptr<const nvrtc::Toolkit> look_for_compiler(KernelCache::Store& store) {
  StoredSearch memo(store);
  return nvrtc::look_for_toolkit(driver::version_or_zero() / 1000, &memo);
}

std::shared_ptr<const nvrtc::Toolkit> require_compiler() {
  return nvrtc::require_toolkit(driver::version_or_zero() / 1000);
}

/// Why the cache is not to be asked at all; empty when it is.
std::string off_reason(const KernelCache* cache) {
  if (cache == nullptr) return "the caller asked for no cache";
  if (!cache->disabled_reason().empty()) return fmt::format("the cache is off: {}", cache->disabled_reason());
  return {};
}

CompiledCode bypass(Compilation& compilation, KernelCache* cache, std::string reason) {
  auto code = compilation.run();
  code.cache_status = CacheStatus::bypass;
  code.cache_reason = std::move(reason);
  if (cache != nullptr) cache->store().count_bypass(code.seconds);
  return code;
}

std::optional<KernelCache::Store::LoadedEntry> look_up_key(KernelCache::Store& store, const CacheKey& key,
                                                           const Compilation& compilation, std::string& reason) {
  return store.look_up(key, [&](const StoredEntry& entry) { return compilation.is_wanted_arch(entry.code); }, reason);
}

/// `reason` says what is wrong; it is empty where there simply is no entry that answers.
std::optional<KernelCache::Store::LoadedEntry> look_up(KernelCache::Store& store, const Compilation& compilation,
                                                       std::string& reason) {
  if (compilation.has_closure() || !compilation.has_compiler())
    return store.look_up_variant(
        compilation.material().source, [&](const StoredEntry& entry) { return compilation.is_answered_by(entry); },
        reason);
  return look_up_key(store, compilation.material().key(), compilation, reason);
}

CompileSide side_of(const Compilation& compilation) {
  return {compilation.material(), compilation.closure(), compilation.compiler_version()};
}

/// That nothing stored answers, and why.
struct Miss {
  CacheKey key;
  std::string reason;
  NearestEntry nearest;  ///< with an empty key where nothing is like it
};

std::string reason_of_miss(KernelCache::Store& store, const std::string& key, const NearestEntry& nearest) {
  if (store.evicted(key)) return "its entry had been evicted, because the cache had grown beyond its bound";
  if (nearest.key.empty()) return "nothing like it is stored";
  return fmt::format("the nearest entry, {}, differs: {}", nearest.key.substr(0, 16),
                     nearest.changes.empty() ? "it is another architecture's" : text::join(nearest.changes, "; "));
}

/// `fault` is what was wrong with an entry, or empty. The closure has been found.
Miss miss_of(KernelCache::Store& store, CacheKey key, const Compilation& compilation, std::string fault) {
  Miss miss{std::move(key), std::move(fault), nearest_entry(store, side_of(compilation)).value_or(NearestEntry())};
  if (miss.reason.empty()) miss.reason = reason_of_miss(store, miss.key.hex, miss.nearest);
  return miss;
}

CompiledCode compile_and_store(KernelCache::Store& store, Miss miss, Compilation& compilation) {
  auto code = compilation.run();
  code.cache_status = CacheStatus::miss;
  code.cache_key = miss.key.hex;
  code.cache_reason = std::move(miss.reason);
  code.cache_nearest = std::move(miss.nearest.key);
  code.cache_changes = std::move(miss.nearest.changes);
  store.count_miss(code.seconds);
  std::string fault;
  if (!compilation.closure_still_holds(fault))
    fault += " while it was compiled";
  else if (store.save(miss.key, code, fault, compilation.closure()))
    note_name(store, compilation.material().options.name, miss.key.hex);
  if (!fault.empty()) code.cache_reason += fmt::format("; the result is not stored: {}", fault);
  return code;
}

[[noreturn]] void refuse(const Compilation& compilation, NoHit no_hit) {
  const auto& material = compilation.material();
  refuse_to_compile(material.source, material.options, std::move(no_hit));
}

/// For a program that no entry answers. Before anybody else is asked for it, or waited for: they may compile, we may not.
[[noreturn]] void refuse_miss(KernelCache::Store& store, Compilation& compilation, std::string reason) {
  if (compilation.has_compiler()) try {
      if (auto obstacle = compilation.find_closure(); !obstacle.empty())
        refuse(compilation, {.reason = std::move(obstacle), .is_asked = false});
      auto miss = miss_of(store, compilation.material().key(), compilation, std::move(reason));
      refuse(compilation, {.key = std::move(miss.key.hex), .reason = std::move(miss.reason)});
    } catch (const LoadError& error) {  // then this is as good as no compiler
      log::debug("the key of {} is not known: {}", compilation.material().options.name, error.what());
    }
  if (reason.empty()) reason = "no entry of this source answers, and there is no NVRTC here to tell what has changed";
  refuse(compilation, {.reason = std::move(reason)});
}

void say(const CompileOptions& options, const CompiledCode& code) {
  log::debug("{}: {}, {}", options.name, to_string(code.cache_status), code.cache_reason);
}

}  // namespace

CompiledCode compile(std::string_view source, const CompileOptions& options, KernelCache* cache) {
  compiler::check_request(source, options);
  const RecordOnSuccess record(source, options);
  const bool is_forbidden = compile_policy() == CompilePolicy::forbid;
  const auto code = [&] {
    if (auto reason = off_reason(cache); !reason.empty()) {
      if (is_forbidden) refuse(Compilation(source, options, nullptr), {.reason = std::move(reason), .is_asked = false});
      Compilation compilation(source, options, require_compiler());
      return bypass(compilation, cache, std::move(reason));
    }
    auto& store = cache->store();
    Compilation compilation(source, options, look_for_compiler(store));
    std::string reason;
    if (auto found = look_up(store, compilation, reason)) return store.take_hit(*found);
    if (is_forbidden) refuse_miss(store, compilation, std::move(reason));
    if (!compilation.has_compiler()) static_cast<void>(require_compiler());  // throws, and says what was tried
    if (auto obstacle = compilation.find_closure(); !obstacle.empty())
      return bypass(compilation, cache, std::move(obstacle));
    const auto key = compilation.material().key();
    const auto look_up_again = [&]() -> std::optional<CompiledCode> {
      std::string ignored;  // not why this is a miss: what was wrong at first may have been mended by the look
      auto stored = look_up_key(store, key, compilation, ignored);
      if (!stored) return std::nullopt;
      return store.take_hit(*stored);
    };
    const auto compile_it = [&] {
      return compile_and_store(store, miss_of(store, key, compilation, std::move(reason)), compilation);
    };
    return CompileSharing::standard().run(store, key, {look_up_again, compile_it, compilation.variant()});
  }();
  say(options, code);
  return code;
}

Explanation explain(std::string_view source, const CompileOptions& options, KernelCache* cache) {
  compiler::check_request(source, options);
  Explanation result;
  result.reason = off_reason(cache);
  if (!result.reason.empty()) return result;
  auto& store = cache->store();
  Compilation compilation(source, options, look_for_compiler(store));
  if (const auto found = look_up(store, compilation, result.reason)) {
    const auto hit = as_hit(found->file.key, {});
    result.status = hit.cache_status;
    result.reason = hit.cache_reason;
    result.key = hit.cache_key;
    return result;
  }
  if (!compilation.has_compiler()) static_cast<void>(require_compiler());
  if (auto obstacle = compilation.find_closure(); !obstacle.empty()) {
    result.reason = std::move(obstacle);
    return result;
  }
  auto miss = miss_of(store, compilation.material().key(), compilation, std::move(result.reason));
  result.status = CacheStatus::miss;
  result.key = std::move(miss.key.hex);
  result.reason = std::move(miss.reason);
  result.nearest = std::move(miss.nearest.key);
  result.changes = std::move(miss.nearest.changes);
  return result;
}

std::string_view to_string(CacheStatus status) noexcept {
  switch (status) {
    case CacheStatus::hit: return "hit";
    case CacheStatus::miss: return "miss";
    case CacheStatus::bypass: return "bypass";
  }
  return "bypass";
}

}  // namespace cujitsu
