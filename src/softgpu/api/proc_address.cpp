// SPDX-License-Identifier: MIT
// cuGetProcAddress: finding an entry point by name, version and meaning of stream 0.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"

#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

struct Row {
  const char* name;
  int version;
  void* function;
  void* per_thread;  ///< the twin; the function itself where there is none
};

const Row rows[] = {
#define ENTRY(name, symbol, version, parameters) \
  {#name, version, reinterpret_cast<void*>(&symbol), reinterpret_cast<void*>(&symbol)},
#define STREAM_ENTRY(name, symbol, twin, version, parameters, arguments) \
  {#name, version, reinterpret_cast<void*>(&symbol), reinterpret_cast<void*>(&twin)},
#include "softgpu/api/symbols.inc"
#undef ENTRY
#undef STREAM_ENTRY
};

enum Status : int { found = 0, not_found = 1, version_not_sufficient = 2 };
constexpr std::uint64_t flag_per_thread = 2;

/// No failure is logged here: asking whether a function is there is how programs learn what a driver has.
Result look_up(const char* name, void** function, int version, std::uint64_t flags, int* status) noexcept {
  if (status != nullptr) *status = not_found;
  if (name == nullptr || function == nullptr || flags > 3) return result::invalid_value;
  *function = nullptr;
  int best = -1;
  bool too_new = false;
  for (const auto& row : rows) {
    if (std::strcmp(row.name, name) != 0) continue;
    if (row.version > version) {
      too_new = true;
    } else if (row.version > best) {
      best = row.version;
      *function = (flags & flag_per_thread) != 0 ? row.per_thread : row.function;
    }
  }
  if (best >= 0) {
    if (status != nullptr) *status = found;
    return result::success;
  }
  if (too_new && status != nullptr) *status = version_not_sufficient;
  return result::not_found;
}

}  // namespace

extern "C" {

Result cuGetProcAddress(const char* name, void** function, int version, std::uint64_t flags) {
  return look_up(name, function, version, flags, nullptr);
}

Result cuGetProcAddress_v2(const char* name, void** function, int version, std::uint64_t flags, int* status) {
  return look_up(name, function, version, flags, status);
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
