// SPDX-License-Identifier: MIT
// Precompiled headers, within this process (Pch::automatic).
//
// Facts, with NVRTC 13.0.88: its automatic mode (-pch) reuses a file when the directives that a source begins with and the
// options are the same. It does not notice that a header, in memory or a file, has changed, be it to another size and seconds
// later, and takes __BASE_FILE__ from the program that made them. A #line among those directives forbids it, and so does a
// header that ends within a declaration or a block. PTX and machine code are the same bytes with and without, -lineinfo and
// -G included.
// Files of another process are refused, and processes that share a folder race (cudf#22808, warp#1284). CUB's block_reduce
// makes one of 173 MB, for which the heap of 256 MiB suffices.
#pragma once

#include "compile/pch_prefix.hpp"
#include "compile/run_context.hpp"
#include "nvrtc/nvrtc.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// One compile that makes or uses precompiled headers. One thread.
class PchUse {
 public:
  /// Nothing when it is not asked for, this NVRTC can not, or it would not be safe or of use here (said at debug level). Waits
  /// while another thread makes the same ones. What the request refers to must outlive it.
  [[nodiscard]] static std::unique_ptr<PchUse> begin(const RunRequest& request);
  /// As if the compile had failed, unless end() was called.
  ~PchUse();
  PchUse(const PchUse&) = delete;
  PchUse& operator=(const PchUse&) = delete;

  /// Where the source's own #line must stand: behind the precompiled part.
  [[nodiscard]] const PchPrefix& prefix() const noexcept;
  /// For NVRTC, besides those of the compile.
  [[nodiscard]] std::vector<std::string> options() const;
  /// After a compile that succeeded, and before its program is destroyed. False when the result may be another than without
  /// precompiled headers and is not to be used: a header may end within a declaration (extern "C"), or with a pragma, that the
  /// token behind the headers has taken.
  [[nodiscard]] bool end(nvrtc::ProgramHandle program, std::string_view log);

 private:
  struct Parts;
  explicit PchUse(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cujitsu::compiler
