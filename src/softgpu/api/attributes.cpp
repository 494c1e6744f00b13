// SPDX-License-Identifier: MIT
#include "softgpu/api/attributes.hpp"

#include "softgpu/api/types.hpp"

#include <limits>

namespace cujitsu::softgpu::api {

std::optional<int> device_attribute(int attribute, int ordinal) noexcept {
  using namespace limits;
  switch (attribute) {
    case 1: return static_cast<int>(threads_per_block);
    case 2: return static_cast<int>(threads_per_block);  // block x
    case 3: return static_cast<int>(threads_per_block);  // block y
    case 4: return static_cast<int>(block_z);
    case 5: return static_cast<int>(grid_x);
    case 6: return static_cast<int>(grid_yz);
    case 7: return static_cast<int>(grid_yz);
    case 8: return static_cast<int>(shared_per_block);
    case 9: return static_cast<int>(constant_bytes);
    case 10: return static_cast<int>(warp);
    case 11: return std::numeric_limits<int>::max();  // pitch
    case 12: return static_cast<int>(registers);
    case 13: return 1000000;  // clock in kHz
    case 14: return 512;      // texture alignment
    case 15: return 1;        // copies overlap with kernels
    case 16: return static_cast<int>(multiprocessors);
    case 19: return 1;        // maps host memory
    case 30: return 512;      // surface alignment
    case 31: return 1;        // concurrent kernels
    case 34: return ordinal;  // PCI device
    case 36: return 1000000;  // memory clock in kHz
    case 37: return 64;       // memory bus width
    case 38: return 4 << 20;  // second-level cache
    case 39: return static_cast<int>(threads_per_multiprocessor);
    case 40: return 2;   // asynchronous engines
    case 41: return 1;   // unified addressing
    case 51: return 32;  // texture pitch alignment
    case 75: return capability_major;
    case 76: return capability_minor;
    case 78: return 1;  // stream priorities
    case 79: return 1;  // globals cached
    case 80: return 1;  // locals cached
    case 81: return static_cast<int>(shared_per_multiprocessor);
    case 82: return static_cast<int>(registers);
    case 83: return 1;        // managed memory
    case 85: return ordinal;  // board group
    case 87: return 2;        // single to double precision
    case 89: return 1;        // managed memory while kernels run
    case 91: return 1;        // registered memory under its own address
    case 95: return 1;        // cooperative launch
    case 97: return static_cast<int>(shared_per_block_optin);
    case 99: return 1;  // host memory can be registered
    case 106: return static_cast<int>(blocks_per_multiprocessor);
    case 111: return static_cast<int>(shared_reserved);
    case 115: return 1;   // memory pools
    case 134: return -1;  // host NUMA node: not a system with such
    default: break;
  }
  // All others are features or limits of features that do not exist here: textures, clusters, sharing with others, …
  if (attribute >= 1 && attribute <= 147) return 0;
  return std::nullopt;
}

}  // namespace cujitsu::softgpu::api
