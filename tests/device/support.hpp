// SPDX-License-Identifier: MIT
// For the tests that need a device: a source, and how a test runs a faulting part of itself in another process.
#pragma once

#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::test {

inline constexpr const char* add_source = R"(
__global__ void add_them(float* c, const float* a, const float* b, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
extern "C" __global__ void add_plain(float* c, const float* a, const float* b, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
)";

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Runs the hidden test case `name` of this program in a process of its own, as a fault ends its context; returns what it
/// printed. The child prints instead of checking, so that the parent's checks show it.
inline std::string run_in_child(const std::string& name, const std::string& environment = {}) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto command = environment + " '" + self + "' '" + name + "' 2>&1";
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) output += buffer.data();
  ::pclose(pipe);
  return output;
}

}  // namespace cujitsu::test
