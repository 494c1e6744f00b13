// SPDX-License-Identifier: MIT
// compile(): joins the compiler, the cache and what the driver says of the device.
#include <cujitsu/compile.hpp>

#include "cache/store.hpp"
#include "compile/compiler.hpp"
#include "compile/include_scan.hpp"
#include "compile/options.hpp"
#include "driver/driver.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/device.hpp>

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

namespace cujitsu {
namespace {

// What the embedded CPU driver claims to be, so that what is compiled where no GPU is also runs there.
constexpr ComputeCapability without_device{8, 0};

/// What the compiler knows: from this process's memory, from the cache, or else by loading it.
CompilerFacts facts_of(const nvrtc::Toolkit& toolkit, KernelCache::Store* store) {
  static std::mutex mutex;
  static auto* known = new std::map<std::string, CompilerFacts>;
  const std::lock_guard lock(mutex);
  if (const auto it = known->find(toolkit.identity); it != known->end()) return it->second;
  std::optional<CompilerFacts> facts;
  if (store != nullptr && store->enabled()) facts = store->load_facts(toolkit.identity);
  if (!facts) {
    const auto& nvrtc = nvrtc::load(toolkit);
    facts = CompilerFacts{nvrtc.major, nvrtc.minor, nvrtc.architectures};
    if (store != nullptr && store->enabled()) store->save_facts(toolkit.identity, *facts);
  }
  return known->emplace(toolkit.identity, std::move(*facts)).first->second;
}

std::string choose_arch(const CompileOptions& options, const CompilerFacts& facts) {
  if (auto arch = compiler::requested_arch(options)) {
    compiler::check_arch(*arch, facts.architectures, fmt::format("NVRTC {}.{}", facts.major, facts.minor));
    return std::move(*arch);
  }
  const auto device =
      driver::version_or_zero() == 0 ? without_device : Device::current().compute_capability();
  return compiler::clamp_arch(device.major, device.minor, facts.architectures);
}

/// Why the cache is not to be asked; empty when it is.
std::string bypass_reason(const KernelCache* cache, const compiler::IncludeVerdict& includes) {
  if (cache == nullptr) return "the caller asked for no cache";
  if (!cache->disabled_reason().empty()) return fmt::format("the cache is off: {}", cache->disabled_reason());
  return includes.bypass_reason;
}

}  // namespace

CompiledCode compile(std::string_view source, const CompileOptions& options, KernelCache* cache) {
  compiler::check_request(source, options);
  auto* store = cache != nullptr ? &cache->store() : nullptr;
  const auto toolkit = nvrtc::require_toolkit(driver::version_or_zero() / 1000);
  const auto facts = facts_of(*toolkit, store);
  const auto arch = choose_arch(options, facts);
  const compiler::CompilerVersion version{facts.major, facts.minor};
  const auto includes = compiler::judge_includes(source, options);
  const auto run = [&] {
    return compiler::run(nvrtc::load(*toolkit), source, options, arch,
                         compiler::compiler_options(options, arch, version, toolkit->include_dirs()));
  };

  if (auto reason = bypass_reason(cache, includes); !reason.empty()) {
    auto code = run();
    code.cache_status = CacheStatus::bypass;
    code.cache_reason = std::move(reason);
    if (store != nullptr) store->count_bypass(code.seconds);
    return code;
  }

  KeyMaterial material;
  material.source = source;
  material.options = options;
  material.options.arch = arch;
  material.compiler_options = compiler::compiler_options(options, arch, version, {});
  material.compiler_identity = toolkit->identity;
  if (includes.uses_toolkit_headers) material.header_identity = toolkit->header_identity();
  const auto key = material.key();
  std::string miss_reason;
  if (auto stored = store->load(key, miss_reason)) return std::move(*stored);

  auto code = run();
  code.cache_status = CacheStatus::miss;
  code.cache_key = key.hex;
  store->count_miss(code.seconds);
  std::string save_reason;
  if (store->save(key, code, save_reason))
    code.cache_reason = std::move(miss_reason);
  else
    code.cache_reason = fmt::format("{}; the result could not be stored: {}", miss_reason, save_reason);
  return code;
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
