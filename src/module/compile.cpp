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

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cujitsu {
namespace {

// What the embedded CPU driver claims to be, so that what is compiled where no GPU is also runs there.
constexpr ComputeCapability without_device{8, 0};

/// The architecture that the user, or else the device, asks for. What this NVRTC makes of it is decided by compile_now,
/// and depends on nothing but this and the compiler, so this may stand in the key: a hit need not load NVRTC to know.
struct ArchRequest {
  std::string arch;
  bool is_explicit = false;
};

ArchRequest request_arch(const CompileOptions& options) {
  if (auto arch = compiler::requested_arch(options)) return {std::move(*arch), true};
  const auto device = driver::version_or_zero() == 0 ? without_device : Device::current().compute_capability();
  return {"sm_" + std::to_string(10 * device.major + device.minor), false};
}

/// softgpu names the source line of a wrong access, and only the compiler can tell it. NVRTC 13.0 puts a name with a
/// quote or a backslash into its PTX as it is, which ptxas then can not read.
compiler::LineInfo line_info(const CompileOptions& options) {
  const bool is_plain = options.name.find_first_of("\"\\") == std::string::npos;
  return is_plain && driver::is_software() ? compiler::LineInfo::wanted : compiler::LineInfo::unwanted;
}

CompiledCode compile_now(const nvrtc::Toolkit& toolkit, std::string_view source, const CompileOptions& options,
                         const ArchRequest& request) {
  const auto& nvrtc = nvrtc::load(toolkit);
  const auto arch = request.is_explicit ? request.arch : compiler::clamp_arch(request.arch, nvrtc.architectures);
  compiler::check_arch(arch, nvrtc.architectures, fmt::format("NVRTC {}.{}", nvrtc.major, nvrtc.minor));
  return compiler::run(nvrtc, source, options, arch,
                       compiler::compiler_options(options, arch, {toolkit.major, toolkit.minor}, line_info(options),
                                                  toolkit.include_dirs()));
}

/// The search for NVRTC, kept beside the entries.
class StoredSearch final : public nvrtc::SearchMemo {
 public:
  explicit StoredSearch(KernelCache::Store& store) : store_(store) {}
  std::optional<std::string> load(const std::string& inputs) override { return store_.load_note(inputs); }
  void save(const std::string& inputs, const std::string& text) override { store_.save_note(inputs, text); }

 private:
  KernelCache::Store& store_;
};

std::shared_ptr<const nvrtc::Toolkit> find_compiler(KernelCache* cache) {
  const int driver_major = driver::version_or_zero() / 1000;
  if (cache == nullptr || !cache->store().enabled()) return nvrtc::require_toolkit(driver_major);
  StoredSearch memo(cache->store());
  return nvrtc::require_toolkit(driver_major, &memo);
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
  const auto toolkit = find_compiler(cache);
  const auto request = request_arch(options);
  const auto includes = compiler::judge_includes(source, options);

  if (auto reason = bypass_reason(cache, includes); !reason.empty()) {
    auto code = compile_now(*toolkit, source, options, request);
    code.cache_status = CacheStatus::bypass;
    code.cache_reason = std::move(reason);
    if (cache != nullptr) cache->store().count_bypass(code.seconds);
    return code;
  }

  KeyMaterial material;
  material.source = source;
  material.options = options;
  material.options.arch = request.arch;
  material.compiler_options =
      compiler::compiler_options(options, request.arch, {toolkit->major, toolkit->minor}, line_info(options), {});
  material.compiler_identity = toolkit->identity;
  if (includes.uses_toolkit_headers) material.header_identity = toolkit->header_identity();
  const auto key = material.key();
  auto& store = cache->store();
  std::string miss_reason;
  // An entry that was clamped for a device is no answer to somebody who asks for that device's own architecture.
  if (auto stored = store.load(key, miss_reason); stored && (!request.is_explicit || stored->arch == request.arch))
    return std::move(*stored);

  auto code = compile_now(*toolkit, source, options, request);
  code.cache_status = CacheStatus::miss;
  code.cache_key = key.hex;
  store.count_miss(code.seconds);
  std::string save_reason;
  if (store.save(key, code, save_reason))
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
