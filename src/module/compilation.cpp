// SPDX-License-Identifier: MIT
#include "module/compilation.hpp"

#include "compile/compiler.hpp"
#include "compile/header_files.hpp"
#include "compile/include_closure.hpp"
#include "compile/leading_closure.hpp"
#include "compile/pch_prefix.hpp"
#include "driver/driver.hpp"
#include "module/compile_target.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/device.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu {
namespace {

// What the embedded CPU driver claims to be, so that what is compiled where no GPU is also runs there.
constexpr ComputeCapability without_device{8, 0};

// The user's headers that an entry keeps, so that explain() can tell the line that changed.
constexpr std::size_t most_header_text = 64 << 10;
constexpr std::size_t most_texts = 256 << 10;

/// softgpu names the source line of a wrong access, and only the compiler can tell it. NVRTC 13.0 puts a name with a
/// quote or a backslash into its PTX as it is, which ptxas then can not read.
compiler::LineInfo line_info(const CompileOptions& options) {
  const bool is_plain = options.name.find_first_of("\"\\") == std::string::npos;
  return is_plain && targets_software() ? compiler::LineInfo::wanted : compiler::LineInfo::unwanted;
}

ArchRequest request_arch(const CompileOptions& options) {
  if (auto arch = compiler::requested_arch(options)) return {std::move(*arch), true};
  if (const auto* target = compile_target()) return {target->arch, false};
  const auto device = driver::version_or_zero() == 0 ? without_device : Device::current().compute_capability();
  return {"sm_" + std::to_string(10 * device.major + device.minor), false};
}

void keep_texts(ClosureRecord& closure) {
  std::size_t kept = 0;
  for (auto& header : closure.headers) {
    if (header.is_toolkit || header.stamp.bytes > most_header_text || kept + header.stamp.bytes > most_texts) continue;
    int error = 0;
    const auto file = compiler::read_header(header.path, error);
    if (file == nullptr || file->hash != header.hash) continue;  // it has just changed: closure_still_holds will tell
    header.text = *file->directives->text;
    kept += header.text.size();
  }
}

}  // namespace

Compilation::Compilation(std::string_view source, const CompileOptions& options,
                         std::shared_ptr<const nvrtc::Toolkit> toolkit)
    : source_(source), options_(options), toolkit_(std::move(toolkit)), arch_(request_arch(options)) {
  material_.source = source;
  material_.options = options;
  material_.options.arch = arch_.arch;
  // Without those that are there for the sake of one version of NVRTC, so that a request is the same for every compiler.
  material_.compiler_options = compiler::compiler_options(options, arch_.arch, {}, line_info(options), {});
  has_closure_ = compiler::may_read_files(source, material_.compiler_options, version());
  if (toolkit_ != nullptr) material_.closure.compiler_identity = toolkit_->identity;
  if (has_closure_ || toolkit_ == nullptr) request_ = material_.serialize_request();
}

compiler::CompilerVersion Compilation::version() const {
  if (toolkit_ == nullptr) return {};
  return {toolkit_->major, toolkit_->minor};
}

std::string Compilation::compiler_version() const {
  return toolkit_ == nullptr ? "none" : fmt::format("{}.{}", toolkit_->major, toolkit_->minor);
}

std::string Compilation::actual_arch() const {
  const auto& nvrtc = nvrtc::load(*toolkit_);
  auto arch = arch_.is_explicit ? arch_.arch : compiler::clamp_arch(arch_.arch, nvrtc.architectures);
  compiler::check_arch(arch, nvrtc.architectures, fmt::format("NVRTC {}.{}", nvrtc.major, nvrtc.minor));
  return arch;
}

std::string Compilation::find_closure() {
  if (!has_closure_) return {};
  const auto nvrtc_options = compiler::compiler_options(options_, actual_arch(), version(), line_info(options_), {});
  const auto toolkit_dirs = toolkit_->include_dirs();
  compiler::ClosureRequest request{options_, nvrtc_options, toolkit_dirs, version()};
  if (options_.pch == Pch::automatic)
    if (const auto prefix = compiler::pch_prefix(source_)) request.leading_bytes = prefix->bytes;
  compiler::IncludeClosure found;
  if (options_.hermetic) {
    hermetic_ = compiler::make_hermetic(source_, request);
    if (!hermetic_->refusal.empty())
      throw ArgumentError(
          fmt::format("{} can not be compiled with hermetic=True: {}", options_.name, hermetic_->refusal));
    found = std::move(hermetic_->closure);
  } else {
    found = compiler::find_closure(source_, request);
  }
  has_looked_for_leading_ = true;
  leading_ = std::move(found.leading);
  if (!found.uncacheable.empty()) return std::move(found.uncacheable);
  closure_ = std::move(found.record);
  keep_texts(closure_);
  material_.closure.set_headers(closure_);
  return {};
}

bool Compilation::closure_still_holds(std::string& changed) { return compiler::refresh(closure_, changed); }

bool Compilation::is_wanted_arch(const CompiledCode& code) const {
  return !arch_.is_explicit || code.arch == arch_.arch;
}

bool Compilation::is_answered_by(const StoredEntry& entry) const {
  // The records beside the key say how to find its headers; they must be the very headers of the key.
  return entry.request == request_ && is_wanted_arch(entry.code) && entry.has_its_records && has_its_headers(entry);
}

bool Compilation::has_its_headers(const StoredEntry& entry) const {
  std::string changed;
  if (toolkit_ != nullptr)
    return entry.compiler_identity == toolkit_->identity && compiler::still_holds(entry.closure, changed);
  auto closure = entry.closure;  // with the toolkit went its headers, and nobody can say that they are others
  std::erase_if(closure.headers, [](const HeaderRecord& header) { return header.is_toolkit; });
  return compiler::still_holds(closure, changed);
}

void Compilation::find_leading() {
  const auto nvrtc_options = compiler::compiler_options(options_, actual_arch(), version(), line_info(options_), {});
  const auto toolkit_dirs = toolkit_->include_dirs();
  has_looked_for_leading_ = true;
  leading_ = compiler::leading_closure(source_, {options_, nvrtc_options, toolkit_dirs, version()});
}

CompiledCode Compilation::run() {
  const auto& nvrtc = nvrtc::load(*toolkit_);
  const auto arch = actual_arch();
  if (options_.hermetic && !hermetic_) static_cast<void>(find_closure());
  if (options_.pch == Pch::automatic && nvrtc.api.has_precompiled_headers() && !has_looked_for_leading_) find_leading();
  const auto* leading = leading_ ? &*leading_ : nullptr;
  CompiledCode code;
  if (hermetic_) {
    auto options = options_;
    options.headers = hermetic_->headers;
    options.include_dirs.clear();
    code = compiler::run({nvrtc, hermetic_->source, options, arch, hermetic_->nvrtc_options, leading});
  } else {
    const auto nvrtc_options =
        compiler::compiler_options(options_, arch, version(), line_info(options_), toolkit_->include_dirs());
    code = compiler::run({nvrtc, source_, options_, arch, nvrtc_options, leading});
  }
  for (const auto& header : closure_.headers)
    code.headers.push_back({header.path, header.stamp.bytes, header.is_toolkit});
  return code;
}

}  // namespace cujitsu
