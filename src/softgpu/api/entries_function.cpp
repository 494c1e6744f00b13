// SPDX-License-Identifier: MIT
// cuFunc* and cuOccupancy*.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/function_attributes.hpp"
#include "softgpu/api/occupancy.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu::api {
namespace {

enum Attribute : int {
  max_threads = 0,
  shared_size,
  const_size,
  local_size,
  num_regs,
  ptx_version,
  binary_version,
  cache_mode_ca,
  max_dynamic_shared,
  preferred_carveout,
  cluster_size_must_be_set,
  attribute_count = 16,
};

Result active_blocks(const char* function, int* blocks, FunctionHandle handle, int block_size, std::size_t shared,
                     unsigned flags) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(blocks, "the number of blocks");
    if (block_size <= 0) fail(result::invalid_value, fmt::format("a block of {} threads", block_size));
    if (flags > 1) fail(result::invalid_value, fmt::format("{:#x} are no occupancy flags", flags));
    *blocks = static_cast<int>(
        blocks_per_multiprocessor(*function_of(handle)->facts, static_cast<unsigned>(block_size), shared));
  });
}

Result potential_block_size(const char* name, int* grid_size, int* block_size, FunctionHandle handle,
                            BlockToShared block_to_shared, std::size_t shared, int limit, unsigned flags) {
  return answer_in_context(name, [&](Context&) {
    check_pointer(grid_size, "the grid size");
    check_pointer(block_size, "the block size");
    if (flags > 1) fail(result::invalid_value, fmt::format("{:#x} are no occupancy flags", flags));
    const auto function = function_of(handle);
    unsigned largest = max_threads_of(*function->facts);
    if (limit > 0) largest = std::min(largest, static_cast<unsigned>(limit));
    unsigned best_threads = 0, best_block = 0, best_count = 0;
    for (unsigned threads = (largest + limits::warp - 1) / limits::warp * limits::warp; threads > 0;
         threads -= limits::warp) {
      const unsigned block = std::min(threads, largest);
      const auto bytes = block_to_shared != nullptr ? block_to_shared(static_cast<int>(block)) : shared;
      const unsigned count = blocks_per_multiprocessor(*function->facts, block, bytes);
      if (count * block <= best_threads) continue;
      best_threads = count * block;
      best_block = block;
      best_count = count;
    }
    if (best_block == 0) fail(result::invalid_value, "no block of the kernel fits into a multiprocessor");
    *block_size = static_cast<int>(best_block);
    *grid_size = static_cast<int>(best_count * limits::multiprocessors);
  });
}

}  // namespace

int get_attribute(Function& function, int attribute) {
  const auto& facts = *function.facts;
  const std::lock_guard lock(function.mutex);
  switch (attribute) {
    case max_threads: return static_cast<int>(max_threads_of(facts));
    case shared_size: return static_cast<int>(facts.static_shared_bytes);
    case const_size: return static_cast<int>(facts.constant_bytes);
    case local_size: return static_cast<int>(facts.local_bytes);
    case num_regs: return static_cast<int>(registers_of(facts));
    case ptx_version: return static_cast<int>(function.loaded->target());
    case binary_version: return 10 * limits::capability_major + limits::capability_minor;
    case cache_mode_ca: return 0;
    case max_dynamic_shared: return static_cast<int>(max_dynamic_shared_of(function));
    case preferred_carveout: return function.carveout;
    default:
      if (attribute < 0 || attribute >= attribute_count)
        fail(result::invalid_value, fmt::format("{} is no function attribute", attribute));
      return 0;  // of clusters, which do not exist here
  }
}

void set_attribute(Function& function, int attribute, int value) {
  const std::lock_guard lock(function.mutex);
  switch (attribute) {
    case max_dynamic_shared: {
      const auto fixed = function.facts->static_shared_bytes;
      const auto most = fixed < limits::shared_per_block_optin ? limits::shared_per_block_optin - fixed : 0;
      if (value < 0 || static_cast<unsigned>(value) > most)
        fail(result::invalid_value, fmt::format("{} bytes of dynamic shared memory; kernel '{}' can have at most {}",
                                                value, function.facts->name, most));
      function.max_dynamic_shared = static_cast<unsigned>(value);
      return;
    }
    case preferred_carveout:
      if (value < -1 || value > 100) fail(result::invalid_value, fmt::format("a carveout of {} per cent", value));
      function.carveout = value;
      return;
    default:
      if (attribute >= cluster_size_must_be_set && attribute < attribute_count)
        fail(result::not_supported, "clusters are not supported");
      fail(result::invalid_value, fmt::format("the function attribute {} can not be set", attribute));
  }
}

void parameter_info(const KernelFacts& facts, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  check_pointer(offset, "the offset");
  if (index >= facts.parameters.size())
    fail(result::invalid_value, fmt::format("kernel '{}' has {} parameters, there is none of index {}", facts.name,
                                            facts.parameters.size(), index));
  *offset = facts.parameters[index].offset;
  if (bytes != nullptr) *bytes = facts.parameters[index].bytes;
}

extern "C" {

Result cuFuncGetAttribute(int* value, int attribute, FunctionHandle function) {
  return answer_in_context("cuFuncGetAttribute", [&](Context&) {
    check_pointer(value, "the value");
    *value = get_attribute(*function_of(function), attribute);
  });
}

Result cuFuncSetAttribute(FunctionHandle function, int attribute, int value) {
  return answer_in_context("cuFuncSetAttribute",
                           [&](Context&) { set_attribute(*function_of(function), attribute, value); });
}

Result cuFuncSetCacheConfig(FunctionHandle handle, int config) {
  return answer_in_context("cuFuncSetCacheConfig", [&](Context&) {
    if (config < 0 || config > 3) fail(result::invalid_value, fmt::format("{} is no cache configuration", config));
    const auto function = function_of(handle);
    const std::lock_guard lock(function->mutex);
    function->cache_config = config;
  });
}

Result cuFuncGetModule(ModuleHandle* module, FunctionHandle function) {
  return answer_in_context("cuFuncGetModule", [&](Context&) {
    check_pointer(module, "the module");
    const auto owner = function_of(function)->module.lock();
    if (owner == nullptr) fail(result::invalid_handle, "the kernel's module was unloaded");
    *module = owner->handle;
  });
}

Result cuFuncGetName(const char** name, FunctionHandle function) {
  return answer_in_context("cuFuncGetName", [&](Context&) {
    check_pointer(name, "the name");
    *name = function_of(function)->facts->name.c_str();
  });
}

Result cuFuncGetParamInfo(FunctionHandle function, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  return answer_in_context("cuFuncGetParamInfo",
                           [&](Context&) { parameter_info(*function_of(function)->facts, index, offset, bytes); });
}

Result cuFuncIsLoaded(int* state, FunctionHandle function) {
  return answer_in_context("cuFuncIsLoaded", [&](Context&) {
    check_pointer(state, "the state");
    (void)function_of(function);
    *state = 1;
  });
}

Result cuFuncLoad(FunctionHandle function) {
  return answer_in_context("cuFuncLoad", [&](Context&) { (void)function_of(function); });
}

Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, FunctionHandle function, int block_size,
                                                   std::size_t shared) {
  return active_blocks("cuOccupancyMaxActiveBlocksPerMultiprocessor", blocks, function, block_size, shared, 0);
}

Result cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, FunctionHandle function, int block_size,
                                                            std::size_t shared, unsigned flags) {
  return active_blocks("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", blocks, function, block_size, shared,
                       flags);
}

Result cuOccupancyMaxPotentialBlockSize(int* grid_size, int* block_size, FunctionHandle function,
                                        BlockToShared block_to_shared, std::size_t shared, int limit) {
  return potential_block_size("cuOccupancyMaxPotentialBlockSize", grid_size, block_size, function, block_to_shared,
                              shared, limit, 0);
}

Result cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid_size, int* block_size, FunctionHandle function,
                                                 BlockToShared block_to_shared, std::size_t shared, int limit,
                                                 unsigned flags) {
  return potential_block_size("cuOccupancyMaxPotentialBlockSizeWithFlags", grid_size, block_size, function,
                              block_to_shared, shared, limit, flags);
}

Result cuOccupancyAvailableDynamicSMemPerBlock(std::size_t* shared, FunctionHandle handle, int blocks, int block_size) {
  return answer_in_context("cuOccupancyAvailableDynamicSMemPerBlock", [&](Context&) {
    check_pointer(shared, "the size");
    const auto function = function_of(handle);
    const auto& facts = *function->facts;
    if (blocks <= 0 || block_size <= 0 ||
        blocks_per_multiprocessor(facts, static_cast<unsigned>(block_size), 0) < static_cast<unsigned>(blocks))
      fail(result::invalid_value,
           fmt::format("{} blocks of {} threads do not fit into a multiprocessor", blocks, block_size));
    std::size_t bytes = limits::shared_per_multiprocessor / static_cast<unsigned>(blocks) / 128 * 128;
    bytes -= std::min<std::size_t>(bytes, limits::shared_reserved + facts.static_shared_bytes);
    *shared = std::min<std::size_t>(
        bytes, limits::shared_per_block_optin - std::min(limits::shared_per_block_optin, facts.static_shared_bytes));
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
