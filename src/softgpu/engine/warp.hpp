// SPDX-License-Identifier: MIT
// The state of 32 threads that handlers work on. Plain data: it is used by code built for several instruction sets, so
// nothing here may be an inline function that a linker could take from the wrong one (always_inline only).
#pragma once

#include "softgpu/engine/instruction.hpp"

#include <cstddef>
#include <cstdint>

namespace cujitsu::softgpu {

struct Block;   // engine/block.hpp
struct Launch;  // engine/launch.hpp
class AddressSpace;
struct Frame;

/// Why a handler returned nullptr.
enum class Event : std::uint8_t {
  none,
  diverged,  ///< the warp's splits have changed: ask the scheduler which goes on
  waiting,   ///< at a barrier or a *.sync operation
  yielded,   ///< has looped for long while others wait
  finished,  ///< all lanes have exited
  fault,     ///< Warp::fault is filled in
};

/// An error of one lane, with the code that the driver reports for it (CUresult).
struct Fault {
  int code = 0;
  std::uint32_t lane = 0;
  const Instruction* instruction = nullptr;
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;       ///< size of the access; 0: no access
  const char* what = nullptr;    ///< static text: "read", "write", "atomic", "trap", …
  const char* detail = nullptr;  ///< static text or nullptr
};

/// An allocation that a load or store has used: the handlers look here before they ask the address space. Whoever gives a
/// warp to another launch empties it.
struct CachedRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  ///< 0: empty
  bool writable = false;
};

struct Warp {
  std::byte* registers = nullptr;  ///< of the current frame
  std::uint32_t active = 0;        ///< a bit for each lane that executes
  std::uint32_t live = 0;          ///< a bit for each lane that has not exited
  alignas(
      64) std::uint32_t mask[warp_size] = {};  ///< `active` as words, 0 or 0xffffffff; kept while masked handlers run

  Block* block = nullptr;
  Launch* launch = nullptr;
  AddressSpace* memory = nullptr;
  std::byte* shared = nullptr;        ///< the block's shared memory
  std::uint32_t shared_bytes = 0;     ///< static and dynamic
  std::uint64_t shared_window = 0;    ///< generic address of shared offset 0 (a real address: = shared)
  std::byte* local = nullptr;         ///< local memory of lane 0; lane i: local + i * local_stride
  std::uint64_t local_stride = 0;     ///< bytes of local memory for each lane
  const std::byte* params = nullptr;  ///< the kernel's parameters
  std::uint32_t params_bytes = 0;
  std::byte* call_params = nullptr;  ///< the current frame's .param variables for calls: lane i at + i * call_stride
  std::uint64_t call_stride = 0;
  std::uint32_t index = 0;  ///< in its block
  Event event = Event::none;
  Fault fault;
  Frame* frame = nullptr;
  CachedRange cached[4];  ///< the last one found first
};

/// The slot at `offset`, as an array of 32 lanes.
template <class T>
[[gnu::always_inline]] inline T* slot(Warp& warp, std::uint32_t offset) noexcept {
  return reinterpret_cast<T*>(__builtin_assume_aligned(warp.registers + offset, 64));
}

}  // namespace cujitsu::softgpu
