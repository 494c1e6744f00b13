// SPDX-License-Identifier: MIT
#include "compile/pch_fingerprint.hpp"

#include "base/byte_stream.hpp"
#include "base/hash.hpp"
#include "compile/predefined_macros.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace cujitsu::compiler {
namespace {

bool is_relative(const std::string& path) { return !path.starts_with('/'); }

}  // namespace

std::optional<std::string> pch_fingerprint(std::string_view prefix, const CompileOptions& options,
                                           const std::vector<std::string>& nvrtc_options,
                                           const ClosureRecord& closure) {
  const auto parsed = parse_preprocessor_options(nvrtc_options, {});
  if (!parsed.includes.empty() || !parsed.uncacheable.empty()) return std::nullopt;
  const auto manages = [](const std::string& option) {
    return option.starts_with("-pch") || option.starts_with("--pch");
  };
  if (std::ranges::any_of(nvrtc_options, manages)) return std::nullopt;

  ByteWriter material;
  material.text(prefix);
  material.texts(nvrtc_options);
  material.u64(options.headers.size());
  bool has_relative = false;
  for (const auto& header : options.headers) {
    material.text(header.name);
    material.text(header.text);
  }
  material.u64(closure.headers.size());
  for (const auto& header : closure.headers) {
    material.text(header.path);
    material.hash(header.hash);
    const auto& stamp = header.stamp;
    for (const auto number : {stamp.device, stamp.inode, stamp.bytes}) material.u64(number);
    for (const auto time : {stamp.modified_ns, stamp.changed_ns}) material.i64(time);
    has_relative = has_relative || is_relative(header.path);
  }
  for (const auto* paths : {&closure.present, &closure.absent}) {
    material.texts(*paths);
    has_relative = has_relative || std::ranges::any_of(*paths, is_relative);
  }
  if (has_relative) {
    std::error_code error;
    material.text(std::filesystem::current_path(error).native());
    if (error) return std::nullopt;
  }
  return to_hex(hash128(material.bytes()));
}

}  // namespace cujitsu::compiler
