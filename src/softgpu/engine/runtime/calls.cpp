// SPDX-License-Identifier: MIT
// The functions that NVRTC leaves to the device runtime: vprintf, malloc, free, __assertfail.
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/runtime/heap.hpp"
#include "softgpu/engine/runtime/print.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdio>
#include <cstring>
#include <string>

namespace cujitsu::softgpu {
namespace {

/// What a thread may read by generic addresses.
class LaneReader final : public DeviceReader {
 public:
  explicit LaneReader(const Warp& warp) : warp_(warp) {}

  bool read(std::uint64_t address, void* to, std::uint64_t bytes) const override {
    if (!is_readable(address, bytes)) return false;
    std::memcpy(to, reinterpret_cast<const void*>(address), bytes);
    return true;
  }

 private:
  bool is_readable(std::uint64_t address, std::uint64_t bytes) const {
    const auto in = [&](const std::byte* begin, std::uint64_t size) {
      const auto first = reinterpret_cast<std::uint64_t>(begin);
      return address >= first && address - first <= size && bytes <= size - (address - first);
    };
    return in(warp_.local, warp_.local_stride * warp_size) || in(warp_.shared, warp_.shared_bytes) ||
           in(warp_.params, warp_.params_bytes) || warp_.memory->contains(address, bytes);
  }

  const Warp& warp_;
};

/// Arguments and result of a call of the runtime, lane by lane.
class RuntimeCall {
 public:
  RuntimeCall(Warp& warp, const CallSite& site) : warp_(warp), site_(site) {}

  [[nodiscard]] std::uint64_t argument(std::size_t index, unsigned lane) const {
    std::uint64_t value = 0;
    if (index < site_.arguments.size())
      std::memcpy(&value, place(site_.arguments[index], lane), std::min<std::size_t>(site_.arguments[index].bytes, 8));
    return value;
  }
  void set_result(unsigned lane, std::uint64_t value) const {
    if (!site_.results.empty())
      std::memcpy(place(site_.results[0], lane), &value, std::min<std::size_t>(site_.results[0].bytes, 8));
  }

 private:
  [[nodiscard]] std::byte* place(const ParamPiece& piece, unsigned lane) const {
    return warp_.call_params + lane * warp_.call_stride + piece.offset;
  }
  Warp& warp_;
  const CallSite& site_;
};

template <class Body>
void for_active(const Warp& warp, const Body& body) {
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) body(static_cast<unsigned>(std::countr_zero(rest)));
}

const Instruction* print(Warp& warp, const Instruction* in, const RuntimeCall& call) {
  const LaneReader reader(warp);
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(rest));
    const auto printed = format_print(reader, call.argument(0, lane), call.argument(1, lane));
    if (!printed.is_readable)
      return raise(warp, {.code = 700,
                          .lane = lane,
                          .instruction = in,
                          .address = printed.address,
                          .bytes = 1,
                          .what = "printf's read",
                          .detail = nullptr});
    call.set_result(lane, static_cast<std::uint32_t>(printed.arguments));
    const std::lock_guard lock(warp.launch->print_mutex);
    (*warp.launch->print)(printed.text);
  }
  return in + 1;
}

const Instruction* allocate(Warp& warp, const Instruction* in, const RuntimeCall& call) {
  for_active(warp, [&](unsigned lane) {
    const auto bytes = call.argument(0, lane);
    const auto address = warp.launch->heap->allocate(bytes);
    if (address != 0) warp.memory->forget_written(address, bytes);
    call.set_result(lane, address);
  });
  return in + 1;
}

const Instruction* release(Warp& warp, const Instruction* in, const RuntimeCall& call) {
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(rest));
    const auto address = call.argument(0, lane);
    if (address == 0) continue;
    const auto freed = warp.launch->heap->release(address);
    if (freed == DeviceHeap::Freed::yes) continue;
    return raise(warp, {.code = 719,
                        .lane = lane,
                        .instruction = in,
                        .address = address,
                        .what = "free",
                        .detail = freed == DeviceHeap::Freed::twice ? "this memory has been freed before"
                                                                    : "malloc has never returned this address"});
  }
  return in + 1;
}

const Instruction* assertion(Warp& warp, const Instruction* in, const RuntimeCall& call) {
  const LaneReader reader(warp);
  const auto string_at = [&](std::uint64_t address) {
    std::string text;
    for (char c = 0; text.size() < 4096 && reader.read(address + text.size(), &c, 1) && c != '\0';) text += c;
    return text;
  };
  auto& state = static_cast<WarpState&>(warp);
  std::string lines;
  for_active(warp, [&](unsigned lane) {
    const auto thread = thread_index(state, lane);
    const auto& block = warp.block->index;
    lines += fmt::format("{}:{}: {}: block: [{},{},{}], thread: [{},{},{}] Assertion `{}` failed.\n",
                         string_at(call.argument(1, lane)), static_cast<std::uint32_t>(call.argument(2, lane)),
                         string_at(call.argument(3, lane)), block[0], block[1], block[2], thread[0], thread[1],
                         thread[2], string_at(call.argument(0, lane)));
  });
  std::fputs(lines.c_str(), stderr);
  return raise(warp, {.code = 710,
                      .lane = static_cast<std::uint32_t>(std::countr_zero(warp.active)),
                      .instruction = in,
                      .what = "assert"});
}

}  // namespace

const Instruction* control::call_runtime(Warp& warp, const Instruction* in) {
  const auto& site = *static_cast<const CallSite*>(in->data);
  const RuntimeCall call(warp, site);
  if (site.runtime == "vprintf") return print(warp, in, call);
  if (site.runtime == "malloc") return allocate(warp, in, call);
  if (site.runtime == "free") return release(warp, in, call);
  return assertion(warp, in, call);
}

}  // namespace cujitsu::softgpu
