// SPDX-License-Identifier: MIT
// Precompiled headers, within this process (Pch::automatic).
//
// Facts, with NVRTC 13.0.88: its automatic mode (-pch) reuses a file when the directives that a source begins with and the
// options are the same. It does not notice that a header in memory has changed, nor a file changed within a second. A #line
// among those directives forbids it; PTX and machine code are the same bytes with and without, -lineinfo and -G included.
// Files of another process are refused, and processes that share a folder race (cudf#22808, warp#1284). CUB's block_reduce
// makes one of 173 MB, for which the heap of 256 MiB suffices.
#pragma once

#include "compile/pch_prefix.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/compile_options.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// The folder of this process's precompiled headers, made by the first call, for its owner alone, and removed when the
/// process exits; empty when it can not be made, which is said once at debug level. A forked child makes its own.
[[nodiscard]] std::string pch_root();

/// For a worker process: its folder is made in `folder`, which its parent removes. Empty: as usual.
void set_pch_parent(const std::string& folder);

/// Removes what killed worker processes have left in pch_root().
void remove_left_behind_by_workers();

/// One compile that makes or uses precompiled headers. One thread.
class PchUse {
 public:
  /// Nothing when it is not asked for, this NVRTC can not, or it would not be safe or of use here (said at debug level). Waits
  /// while another thread makes the same ones.
  [[nodiscard]] static std::unique_ptr<PchUse> begin(const nvrtc::Nvrtc& nvrtc, std::string_view source,
                                                     const CompileOptions& options,
                                                     const std::vector<std::string>& nvrtc_options);
  /// As if the compile had failed, unless end() was called.
  ~PchUse();
  PchUse(const PchUse&) = delete;
  PchUse& operator=(const PchUse&) = delete;

  /// Where the source's own #line must stand: behind the precompiled part.
  [[nodiscard]] const PchPrefix& prefix() const noexcept;
  /// For NVRTC, besides those of the compile.
  [[nodiscard]] std::vector<std::string> options() const;
  /// After a compile that succeeded, and before its program is destroyed.
  void end(nvrtc::ProgramHandle program, std::string_view log);

 private:
  struct Parts;
  explicit PchUse(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cujitsu::compiler
