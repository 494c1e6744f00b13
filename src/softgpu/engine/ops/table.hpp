// SPDX-License-Identifier: MIT
// How the files that are built once for each instruction set tell the decoders which handlers they have.
#pragma once

#include "softgpu/engine/instruction.hpp"
#include "softgpu/engine/isa.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

struct HandlerPair {
  Handler whole;
  Handler masked;
};

/// `key` is whatever a group of families makes of opcode, type and modifiers.
struct HandlerEntry {
  std::uint32_t key;
  HandlerPair handlers;
};

struct HandlerTable {
  const HandlerEntry* entries;
  std::uint32_t count;
};

}  // namespace cujitsu::softgpu

/// Declares the table `name`, which a per-instruction-set file defines as
///   constinit const HandlerTable name{entries, sizeof entries / sizeof entries[0]};
/// in namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA, and name_of(isa) to choose it. Use it in namespace
/// cujitsu::softgpu. On x86-64 such a file is built three times, elsewhere and with CUJITSU_SOFTGPU_ONE_ISA once
/// (isa_baseline).
#if defined(__x86_64__) && !defined(CUJITSU_SOFTGPU_ONE_ISA)
#define CUJITSU_SOFTGPU_HANDLER_TABLE(name)                              \
  namespace isa_baseline {                                               \
  extern const HandlerTable name;                                        \
  }                                                                      \
  namespace isa_v3 {                                                     \
  extern const HandlerTable name;                                        \
  }                                                                      \
  namespace isa_v4 {                                                     \
  extern const HandlerTable name;                                        \
  }                                                                      \
  [[gnu::always_inline]] inline const HandlerTable& name##_of(Isa isa) { \
    switch (isa) {                                                       \
      case Isa::v4: return isa_v4::name;                                 \
      case Isa::v3: return isa_v3::name;                                 \
      case Isa::baseline: break;                                         \
    }                                                                    \
    return isa_baseline::name;                                           \
  }
#else
#define CUJITSU_SOFTGPU_HANDLER_TABLE(name) \
  namespace isa_baseline {                  \
  extern const HandlerTable name;           \
  }                                         \
  [[gnu::always_inline]] inline const HandlerTable& name##_of(Isa) { return isa_baseline::name; }
#endif
