// SPDX-License-Identifier: MIT
#include "compile/hints.hpp"

#include "compile/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace cujitsu::compiler {
namespace {

/// The text between the first pair of double quotes.
std::string_view quoted(std::string_view text) {
  const auto open = text.find('"');
  if (open == std::string_view::npos) return {};
  const auto close = text.find('"', open + 1);
  return close == std::string_view::npos ? std::string_view() : text.substr(open + 1, close - open - 1);
}

/// Host headers that people reach for, and what device code has instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> host_headers{{
    {"algorithm", "cuda/std/algorithm"},
    {"array", "cuda/std/array"},
    {"assert.h", "nothing: assert is built in"},
    {"atomic", "cuda/std/atomic"},
    {"cassert", "nothing: assert is built in"},
    {"cmath", "cuda/std/cmath, or nothing: the math functions are built in"},
    {"complex", "cuda/std/complex"},
    {"cstddef", "cuda/std/cstddef"},
    {"cstdint", "cuda/std/cstdint"},
    {"cstdio", "nothing: printf is built in"},
    {"limits", "cuda/std/limits"},
    {"math.h", "nothing: the math functions are built in"},
    {"stdint.h", "cuda/std/cstdint"},
    {"stdio.h", "nothing: printf is built in"},
    {"type_traits", "cuda/std/type_traits"},
    {"utility", "cuda/std/utility"},
}};

std::string missing_header(std::string_view header, const std::vector<std::string>& include_dirs) {
  std::string hint = fmt::format("'{}' was looked for among the headers in memory", header);
  for (const auto& folder : include_dirs) hint += fmt::format(", in {}", folder);
  if (include_dirs.empty()) hint += "; there are no include folders";
  hint += ".";
  const auto it = std::ranges::find(host_headers, header, &std::pair<std::string_view, std::string_view>::first);
  if (it != host_headers.end())
    hint += fmt::format(" NVRTC has no headers of the host's standard library; use {} instead.", it->second);
  else if (header.find_first_of("./") == std::string_view::npos)
    hint +=
        " NVRTC has no headers of the host's standard library; CCCL has many of them for device code, as cuda/std/….";
  else if (header.starts_with("cub/") || header.starts_with("cuda/") || header.starts_with("thrust/") ||
           header.starts_with("nv/"))
    hint += " It belongs to CCCL: pip install nvidia-cuda-cccl, or a CUDA toolkit.";
  else if (header.starts_with("crt/"))
    hint += " It belongs to the toolkit's headers: pip install nvidia-cuda-crt, or a CUDA toolkit.";
  else if (header.starts_with("cuda_") || header.starts_with("cooperative_groups") || header == "vector_types.h")
    hint += " It belongs to the toolkit's headers: pip install nvidia-cuda-runtime, or a CUDA toolkit.";
  else
    hint += " Name its folder in include_dirs, or give its text in headers.";
  return hint;
}

std::optional<std::string> hint_for(const Diagnostic& diagnostic, const std::vector<std::string>& include_dirs) {
  const std::string_view text = diagnostic.text;
  const auto has = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
  if (has("cannot open source file") || has("could not open source file"))
    return missing_header(quoted(text), include_dirs);
  if (has("is undefined")) {
    const auto name = quoted(text);
    constexpr std::array<std::string_view, 8> integers{"int8_t",  "int16_t",  "int32_t",  "int64_t",
                                                       "uint8_t", "uint16_t", "uint32_t", "uint64_t"};
    if (std::ranges::find(integers, name) != integers.end())
      return fmt::format(
          "'{}' is not built in: #include <cuda/std/cstdint> and write cuda::std::{}, or use a built-in type.", name,
          name);
    if (name == "half" || name == "__half") return "half needs #include <cuda_fp16.h>.";
    if (name == "__nv_bfloat16") return "__nv_bfloat16 needs #include <cuda_bf16.h>.";
    if (name == "std") return "Device code has no std; the headers cuda/std/… have cuda::std.";
  }
  if (has("is considered a host function") || has("host variables are not allowed"))
    return "NVRTC compiles device code alone: mark it __global__, __device__ or __constant__, or pass the option "
           "--default-device.";
  if (has("unrecognized option")) return "Options are NVRTC's own, such as --use_fast_math; nvcc's others do not work.";
  return std::nullopt;
}

}  // namespace

std::string hint_for(const std::vector<Diagnostic>& diagnostics, const std::vector<std::string>& include_dirs) {
  for (const auto& diagnostic : diagnostics)
    if (is_error(diagnostic))
      if (auto hint = hint_for(diagnostic, include_dirs)) return std::move(*hint);
  return {};
}

}  // namespace cujitsu::compiler
