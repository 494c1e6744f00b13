// SPDX-License-Identifier: MIT
// What went wrong where, in words.
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/module_image.hpp"

#include <fmt/format.h>

#include <cxxabi.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace cujitsu::softgpu {
namespace {

std::string place(const char* what, const std::array<std::uint32_t, 3>& index) {
  return fmt::format("{} ({}, {}, {})", what, index[0], index[1], index[2]);
}

/// "illegal address", as the driver's name for the code has it.
const char* name_of(int code) {
  switch (code) {
    case 700: return "illegal address";
    case 702: return "deadlock";
    case 710: return "assertion";
    case 715: return "illegal instruction";
    case 716: return "misaligned address";
    case 717: return "wrong address space";
    case 718: return "invalid function pointer";
    default: return "failure";
  }
}

/// NVRTC puts the current folder before the name of a program that is in no file.
std::string source_name(std::string_view name) {
  std::error_code error;
  if (name.starts_with('/') && !std::filesystem::exists(name, error)) name.remove_prefix(name.rfind('/') + 1);
  return std::string(name);
}

std::string source_of(const WarpState& warp) {
  const auto& program = *warp.frame->program;
  const auto* in = warp.fault.instruction;
  if (in == nullptr || in < program.code.data() || in >= program.code.data() + program.code.size()) return {};
  return source_text(*warp.launch, program, in->location);
}

const Finding* finding_of(const WarpState& warp) {
  const auto& checks = warp.block->checks;
  return checks == nullptr ? nullptr : checks->finding();
}

std::string access_of(const WarpState& warp) {
  const auto& fault = warp.fault;
  if (fault.bytes == 0) return fault.what != nullptr ? fmt::format(": {}", fault.what) : std::string();
  auto text = fmt::format(": {} of {} bytes at {:#x}", fault.what, fault.bytes, fault.address);
  if (fault.detail != nullptr || finding_of(warp) != nullptr) return text;
  return text + ", " + warp.memory->describe(fault.address);
}

}  // namespace

std::string demangled(const std::string& name) {
  int status = 0;
  char* text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = text != nullptr ? text : name;
  std::free(text);
  return result;
}

std::string source_text(const Launch& launch, const Program& program, std::uint32_t index) {
  const auto& location = program.locations[index];
  auto text = location.line != 0
                  ? fmt::format(" at {}:{}", source_name(launch.image->file_name(location.file)), location.line)
                  : fmt::format(" at PTX line {}", location.ptx_line);
  if (&program != launch.kernel->entry)
    text += fmt::format(" in {}", demangled(std::string(program.function->prototype.name)));
  return text;
}

std::array<std::uint32_t, 3> thread_index(const WarpState& warp, std::uint32_t lane) {
  return thread_index(*warp.launch, warp.index * warp_size + lane);
}

std::array<std::uint32_t, 3> thread_index(const Launch& launch, std::uint32_t linear) {
  const auto& block = launch.request->block;
  return {linear % block.x, linear / block.x % block.y, linear / block.x / block.y};
}

std::string describe_finding(std::string_view title, const WarpState& warp, std::uint32_t lane,
                             std::string_view source) {
  return fmt::format("{} in kernel '{}', {}, {}{}", title, demangled(warp.launch->kernel->name),
                     place("block", warp.block->index), place("thread", thread_index(warp, lane)), source);
}

std::string describe_fault(const WarpState& warp) {
  const auto& fault = warp.fault;
  if (const auto* finding = finding_of(warp))
    return describe_finding(finding->title, warp, fault.lane, source_of(warp)) + access_of(warp) + ": " +
           finding->detail;
  auto text = describe_finding(name_of(fault.code), warp, fault.lane, source_of(warp)) + access_of(warp);
  if (fault.detail != nullptr) text += fmt::format(": {}", fault.detail);
  return text;
}

const Instruction* raise(Warp& warp, const Fault& fault) noexcept {
  warp.fault = fault;
  warp.event = Event::fault;
  return nullptr;
}

}  // namespace cujitsu::softgpu
