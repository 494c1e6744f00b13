// SPDX-License-Identifier: MIT
#include "compile/options.hpp"

#include "base/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cujitsu::compiler {
namespace {

constexpr std::array<std::string_view, 4> arch_options{"--gpu-architecture", "-gpu-architecture", "-arch", "--arch"};

/// An architecture's number without its prefix and suffix: "sm_90a" -> 90.
std::optional<int> arch_number(std::string_view arch) {
  if (arch.starts_with("sm_"))
    arch.remove_prefix(3);
  else if (arch.starts_with("compute_"))
    arch.remove_prefix(8);
  else
    return std::nullopt;
  if (!arch.empty() && (arch.back() == 'a' || arch.back() == 'f')) arch.remove_suffix(1);
  int number = 0;
  const auto [end, error] = std::from_chars(arch.data(), arch.data() + arch.size(), number);
  if (arch.empty() || error != std::errc() || end != arch.data() + arch.size()) return std::nullopt;
  return number;
}

[[noreturn]] void raise_malformed(std::string_view arch) {
  throw ArgumentError(
      fmt::format("'{}' is not an architecture; write one as 'sm_90' (machine code and PTX) or "
                  "'compute_90' (PTX alone)",
                  arch));
}

/// Whether the user has decided about line information.
bool has_debug_option(const std::vector<std::string>& options) {
  constexpr std::array<std::string_view, 6> names{"-G",         "--device-debug",       "-lineinfo",
                                                  "--lineinfo", "--generate-line-info", "-generate-line-info"};
  return std::ranges::any_of(
      options, [&](const std::string& option) { return std::ranges::find(names, option) != names.end(); });
}

}  // namespace

std::optional<std::string> requested_arch(const CompileOptions& options) {
  std::optional<std::string> arch;
  const auto set = [&](std::string_view value) {
    if (arch) throw ArgumentError(fmt::format("the architecture is given twice: '{}' and '{}'", *arch, value));
    if (!arch_number(value)) raise_malformed(value);
    arch = value;
  };
  if (!options.arch.empty()) set(options.arch);
  for (std::size_t i = 0; i < options.options.size(); ++i) {
    const std::string_view option = options.options[i];
    for (const auto name : arch_options) {
      if (!option.starts_with(name)) continue;
      if (option.size() > name.size() && option[name.size()] == '=') set(option.substr(name.size() + 1));
      if (option == name && i + 1 < options.options.size()) set(options.options[i + 1]);
    }
  }
  return arch;
}

void check_arch(const std::string& arch, const std::vector<std::string>& known, std::string_view compiler) {
  const auto number = arch_number(arch);
  if (!number) raise_malformed(arch);
  const bool fits = std::ranges::any_of(known, [&](const std::string& each) { return arch_number(each) == number; });
  if (!fits)
    throw ArgumentError(
        fmt::format("{} does not compile for '{}'; it knows {}", compiler, arch, text::join(known, ", ")));
}

std::string clamp_arch(const std::string& device_arch, const std::vector<std::string>& known) {
  const int wanted = arch_number(device_arch).value_or(0);
  const std::string* best = nullptr;
  int best_number = 0;
  for (const auto& each : known)
    if (const auto number = arch_number(each); number && *number <= wanted && *number > best_number) {
      best = &each;
      best_number = *number;
    }
  if (best == nullptr) return known.empty() ? device_arch : known.front();
  return *best;
}

std::vector<std::string> compiler_options(const CompileOptions& options, const std::string& arch,
                                          CompilerVersion version, LineInfo line_info,
                                          const std::vector<std::string>& toolkit_dirs) {
  std::vector<std::string> result;
  const auto is_arch = [](std::string_view option) {
    return std::ranges::any_of(arch_options, [&](std::string_view name) {
      return option == name || (option.starts_with(name) && option[name.size()] == '=');
    });
  };
  result.push_back("--gpu-architecture=" + arch);
  // NVRTC else raises the stack limit of the whole process while it compiles.
  result.emplace_back("--modify-stack-limit=false");
  // NVRTC's own cache (12.9) answers with an empty log; ours keeps it.
  if (version.major > 12 || (version.major == 12 && version.minor >= 9)) result.emplace_back("--no-cache");
  if (line_info == LineInfo::wanted && !has_debug_option(options.options)) result.emplace_back("--generate-line-info");
  for (std::size_t i = 0; i < options.options.size(); ++i) {
    const auto& option = options.options[i];
    if (!is_arch(option)) {
      result.push_back(option);
    } else if (option.find('=') == std::string::npos) {
      ++i;  // "-arch sm_90" in two words: both are ours now
    }
  }
  for (const auto& folder : options.include_dirs) result.push_back("--include-path=" + folder);
  for (const auto& folder : toolkit_dirs) result.push_back("--include-path=" + folder);
  return result;
}

void check_request(std::string_view source, const CompileOptions& options) {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  if (has_nul(source))
    throw ArgumentError(
        fmt::format("the source holds a NUL byte at offset {}; NVRTC would read no further", source.find('\0')));
  if (options.name.empty() || has_nul(options.name)) throw ArgumentError("the program's name must not be empty");
  for (std::size_t i = 0; i < options.headers.size(); ++i) {
    const auto& header = options.headers[i];
    if (header.name.empty() || has_nul(header.name)) throw ArgumentError("a header in memory has an empty name");
    if (has_nul(header.text)) throw ArgumentError(fmt::format("the header '{}' holds a NUL byte", header.name));
    for (std::size_t j = 0; j < i; ++j)
      if (options.headers[j].name == header.name)
        throw ArgumentError(fmt::format("there are two headers named '{}'", header.name));
  }
  for (const auto& expression : options.name_expressions)
    if (text::trim(expression).empty()) throw ArgumentError("a name expression is empty");
}

}  // namespace cujitsu::compiler
