// SPDX-License-Identifier: MIT
// NVRTC's result as a value; needs no device and no driver.
#pragma once

#include <cujitsu/diagnostic.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/signature.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu {

/// What one kernel costs, read out of the machine code. All zero where there is PTX alone.
struct KernelResources {
  int registers = 0;               ///< for each thread
  std::size_t shared_bytes = 0;    ///< static shared memory of a block
  std::size_t local_bytes = 0;     ///< stack of a thread
  std::size_t constant_bytes = 0;  ///< constant bank 0: the parameters and what the compiler adds

  friend bool operator==(const KernelResources&, const KernelResources&) = default;
};

/// One entry point of the compiled code.
struct KernelInfo {
  std::string name;          ///< as a person writes it: "add", "ns::scale<float>"
  std::string lowered_name;  ///< as the driver knows it: "_Z3addPfi"
  KernelSignature signature;
  KernelResources resources;

  friend bool operator==(const KernelInfo&, const KernelInfo&) = default;
};

/// Which compiler made the code.
struct CompilerInfo {
  int major = 0;
  int minor = 0;
  std::string library;  ///< path of the libnvrtc that compiled it

  [[nodiscard]] std::string version() const { return std::to_string(major) + "." + std::to_string(minor); }
};

/// A header on disk that a compile read.
struct HeaderFile {
  std::string path;         ///< as NVRTC opened it; a relative one counts from the current folder
  std::uint64_t bytes = 0;  ///< of its content
  bool is_toolkit = false;  ///< in one of the toolkit's own folders

  friend bool operator==(const HeaderFile&, const HeaderFile&) = default;
};

enum class CacheStatus {
  hit,     ///< read from the kernel cache; NVRTC was not loaded
  miss,    ///< compiled, and stored unless explain() says otherwise
  bypass,  ///< compiled, and the cache was not asked; explain() says why
};

/// "hit", "miss" or "bypass".
[[nodiscard]] CUJITSU_API std::string_view to_string(CacheStatus status) noexcept;

/// A plain value: copy it, keep it, send it to another thread.
struct CompiledCode {
  std::string ptx;                   ///< empty only for options that make none, such as -dlto
  std::string cubin;                 ///< machine code; empty for a virtual architecture ("compute_80")
  std::string log;                   ///< NVRTC's log, warnings included, also on a cache hit
  std::string arch;                  ///< "sm_90"
  std::vector<std::string> options;  ///< every option that NVRTC was given, in order, ours included
  std::vector<KernelInfo> kernels;
  std::vector<std::pair<std::string, std::string>> lowered_names;  ///< name expression, lowered name
  std::vector<std::pair<std::string, std::string>> globals;        ///< variable as a person writes it, lowered name
  std::vector<HeaderFile> headers;  ///< read from disk, in the order of their first use; empty on a bypass
  CompilerInfo compiler;
  double seconds = 0;  ///< what NVRTC took; on a hit, what it took then

  CacheStatus cache_status = CacheStatus::bypass;
  std::string cache_reason;   ///< one sentence: why a hit, a miss or a bypass
  std::string cache_key;      ///< 32 hexadecimal digits, or empty on a bypass
  std::string cache_nearest;  ///< on a miss: the key of the stored compile that is most like this one, or empty
  /// On a miss: what this compile has otherwise than that one, a phrase each: "option -O1 added".
  std::vector<std::string> cache_changes;

  /// The log as data.
  [[nodiscard]] CUJITSU_API std::vector<Diagnostic> diagnostics() const;
};

}  // namespace cujitsu
