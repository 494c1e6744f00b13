// SPDX-License-Identifier: MIT
// Grids that run side by side on several threads, while modules and memory come and go. Also for ThreadSanitizer.
#include "softgpu/engine/address_space.hpp"
#include "softgpu/engine/launch.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace cujitsu::softgpu;

namespace {

constexpr unsigned threads = 4;
constexpr unsigned launches = 8;
constexpr unsigned blocks = 24;
constexpr unsigned block_size = 64;
constexpr std::uint64_t memory_bytes = 64u << 20;

/// Every thread adds 1 to the first word; one of each block prints; each allocates, writes and frees.
const char* const text = R"(.version 9.0
.target sm_80
.address_size 64
.extern .func (.param .b32 r) vprintf(.param .b64 format, .param .b64 arguments);
.extern .func (.param .b64 r) malloc(.param .b64 bytes);
.extern .func free(.param .b64 address);
.global .align 1 .b8 line[6] = {98, 108, 111, 99, 107, 0};
.global .u32 initialised = 3;
.visible .entry count(.param .u64 counter)
{
  .reg .pred %p<3>; .reg .b32 %r<8>; .reg .b64 %rd<5>;
  .shared .u32 sum;
  .param .b32 result; .param .b64 first; .param .b64 second; .param .b64 heap;
  ld.param.u64 %rd1, [counter];
  mov.u32 %r1, %tid.x;
  setp.ne.u32 %p1, %r1, 0;
  @%p1 bra wait;
  st.shared.u32 [sum], 0;
  mov.u64 %rd2, line;
  st.param.b64 [first], %rd2;
  st.param.b64 [second], 0;
  call (result), vprintf, (first, second);
wait:
  bar.sync 0;
  atom.shared.add.u32 %r2, [sum], 1;
  bar.sync 0;
  st.param.b64 [first], 16;
  call (heap), malloc, (first);
  ld.param.b64 %rd3, [heap];
  ld.shared.u32 %r3, [sum];
  ld.global.u32 %r4, [initialised];
  st.u32 [%rd3], %r4;
  ld.u32 %r5, [%rd3];
  st.param.b64 [first], %rd3;
  call free, (first);
  setp.ne.u32 %p2, %r3, 64;
  @%p2 trap;
  setp.ne.u32 %p2, %r5, 3;
  @%p2 trap;
  red.global.add.u32 [%rd1], 1;
  ret;
}
.visible .entry fill(.param .u64 to, .param .u32 value)
{
  .reg .b32 %r<6>; .reg .b64 %rd<4>;
  ld.param.u64 %rd1, [to];
  ld.param.u32 %r1, [value];
  mov.u32 %r2, %tid.x; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x;
  mad.lo.u32 %r5, %r3, %r4, %r2;
  mul.wide.u32 %rd2, %r5, 4;
  add.u64 %rd3, %rd1, %rd2;
  st.global.u32 [%rd3], %r1;
  ret;
}
)";

std::shared_ptr<LoadedModule> load(AddressSpace& memory) {
  LoadedModule::Error error;
  auto module = LoadedModule::load(text, memory, error);
  if (module == nullptr) throw std::runtime_error(error.log);
  return module;
}

template <class... Values>
LaunchRequest request_for(std::shared_ptr<LoadedModule> module, const char* kernel, Values... values) {
  LaunchRequest request;
  request.module = std::move(module);
  request.kernel = kernel;
  request.grid = {blocks, 1, 1};
  request.block = {block_size, 1, 1};
  request.heap_bytes = 1u << 20;
  const auto add = [&](const auto& value) {
    const auto at = request.parameters.size();
    request.parameters.resize(at + sizeof value);
    std::memcpy(request.parameters.data() + at, &value, sizeof value);
  };
  (add(values), ...);
  return request;
}

/// `body(index)` on several threads at once; what one of them throws is thrown here.
template <class Body>
void side_by_side(const Body& body) {
  std::vector<std::thread> running;
  std::vector<std::exception_ptr> errors(threads);
  for (unsigned i = 0; i < threads; ++i)
    running.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    });
  for (auto& thread : running) thread.join();
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
}

void require(const LaunchOutcome& outcome) {
  if (outcome.code != 0) throw std::runtime_error(outcome.message);
}

std::uint32_t& word(std::uint64_t address) { return *reinterpret_cast<std::uint32_t*>(address); }

}  // namespace

TEST_CASE("grids of one module run side by side, and lower its kernels once", "[softgpu][threads]") {
  AddressSpace memory(memory_bytes);
  const auto module = load(memory);
  const auto counter = memory.allocate(4);
  word(counter) = 0;
  std::atomic<unsigned> printed{0};
  side_by_side([&](unsigned) {
    for (unsigned i = 0; i < launches; ++i)
      require(run(memory, request_for(module, "count", counter), [&](std::string_view line) {
        if (line == "block") ++printed;
      }));
  });
  CHECK(word(counter) == threads * launches * blocks * block_size);
  CHECK(printed == threads * launches * blocks);
}

TEST_CASE("modules and memory come and go while kernels run", "[softgpu][threads]") {
  AddressSpace memory(memory_bytes);
  std::atomic<unsigned> wrong{0};
  side_by_side([&](unsigned index) {
    for (unsigned i = 0; i < launches; ++i) {
      const auto module = load(memory);
      const auto bytes = std::uint64_t{4} * blocks * block_size;
      const auto buffer = memory.allocate(bytes);
      const std::uint32_t value = 1000 * index + i;
      require(run(memory, request_for(module, "fill", buffer, value), [](std::string_view) {}));
      for (std::uint64_t at = 0; at < bytes; at += 4)
        if (word(buffer + at) != value) ++wrong;
      if (!memory.release(buffer)) ++wrong;
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("a fault of one grid ends no other", "[softgpu][threads]") {
  AddressSpace memory(memory_bytes);
  const auto module = load(memory);
  const auto buffer = memory.allocate(std::uint64_t{4} * blocks * block_size);
  std::atomic<unsigned> faults{0};
  side_by_side([&](unsigned index) {
    const bool is_wrong = index % 2 == 0;
    const auto address = is_wrong ? std::uint64_t{64} : buffer;
    for (unsigned i = 0; i < launches; ++i) {
      const auto outcome = run(memory, request_for(module, "fill", address, index), [](std::string_view) {});
      if (outcome.code == 700 && is_wrong) ++faults;
      if (!is_wrong) require(outcome);
    }
  });
  CHECK(faults == threads / 2 * launches);
}
