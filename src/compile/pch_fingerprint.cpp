// SPDX-License-Identifier: MIT
#include "compile/pch_fingerprint.hpp"

#include "base/hash.hpp"
#include "compile/predefined_macros.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

namespace cujitsu::compiler {
namespace {

bool is_relative(const std::string& path) { return !path.starts_with('/'); }

class Material {
 public:
  void add(std::string_view text) {
    add(text.size());
    bytes_ += text;
  }
  void add(const std::vector<std::string>& texts) {
    add(texts.size());
    for (const auto& text : texts) add(text);
  }
  void add(std::uint64_t number) { bytes_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void add(const StrongHash& hash) { bytes_.append(reinterpret_cast<const char*>(hash.data()), hash.size()); }

  [[nodiscard]] std::string hash() const { return to_hex(hash128(bytes_)); }

 private:
  std::string bytes_;
};

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

  Material material;
  material.add(prefix);
  material.add(nvrtc_options);
  material.add(options.headers.size());
  bool has_relative = false;
  for (const auto& header : options.headers) {
    material.add(header.name);
    material.add(header.text);
  }
  material.add(closure.headers.size());
  for (const auto& header : closure.headers) {
    material.add(header.path);
    material.add(header.hash);
    const auto& stamp = header.stamp;
    for (const auto number : {stamp.device, stamp.inode, stamp.bytes, static_cast<std::uint64_t>(stamp.modified_ns),
                              static_cast<std::uint64_t>(stamp.changed_ns)})
      material.add(number);
    has_relative = has_relative || is_relative(header.path);
  }
  for (const auto* paths : {&closure.present, &closure.absent}) {
    material.add(*paths);
    has_relative = has_relative || std::ranges::any_of(*paths, is_relative);
  }
  if (has_relative) {
    std::error_code error;
    material.add(std::filesystem::current_path(error).native());
    if (error) return std::nullopt;
  }
  return material.hash();
}

}  // namespace cujitsu::compiler
