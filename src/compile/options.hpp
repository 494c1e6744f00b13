// SPDX-License-Identifier: MIT
// From CompileOptions to what NVRTC is given.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// The architecture that the user asked for, by CompileOptions::arch or by an -arch option; nothing when left to us.
/// Throws ArgumentError when both are there, or for text that is no architecture.
[[nodiscard]] std::optional<std::string> requested_arch(const CompileOptions& options);

/// Throws ArgumentError when an NVRTC that knows `known` ("sm_75", …) can not compile for `arch`.
void check_arch(const std::string& arch, const std::vector<std::string>& known, std::string_view compiler);

/// The newest of `known` that runs on a device whose own architecture is `device_arch` ("sm_90"); the oldest when none does.
[[nodiscard]] std::string clamp_arch(const std::string& device_arch, const std::vector<std::string>& known);

struct CompilerVersion {
  int major = 0;
  int minor = 0;
  [[nodiscard]] friend bool operator==(const CompilerVersion&, const CompilerVersion&) = default;
  [[nodiscard]] friend auto operator<=>(const CompilerVersion&, const CompilerVersion&) = default;
};

/// Whether --generate-line-info is added when the user asks for neither that nor -G.
enum class LineInfo : bool { unwanted, wanted };

/// Every option in order: ours, then the user's, then the include folders. `toolkit_dirs` may be left out for the key.
[[nodiscard]] std::vector<std::string> compiler_options(const CompileOptions& options, const std::string& arch,
                                                        CompilerVersion version, LineInfo line_info,
                                                        const std::vector<std::string>& toolkit_dirs);

/// Throws ArgumentError for a source or a header that NVRTC would misread: a NUL byte, an empty or repeated header name.
void check_request(std::string_view source, const CompileOptions& options);

}  // namespace cujitsu::compiler
