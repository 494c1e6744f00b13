// SPDX-License-Identifier: MIT
#include "compile/predefined_macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace cujitsu::compiler {
namespace {

/// The value of an option in one word ("-Ix", "-I=x", "--include-path=x") or in two; `at` moves on to the second one.
/// NVRTC takes blanks off the front of a value.
std::optional<std::string> value_of(const std::vector<std::string>& options, std::size_t& at,
                                    std::string_view short_name, std::string_view long_name) {
  const std::string_view option = options[at];
  std::string_view value;
  const bool is_short = !short_name.empty() && option.starts_with(short_name);
  if (option == long_name || (is_short && option == short_name)) {
    if (at + 1 < options.size()) value = options[++at];
  } else if (option.starts_with(long_name) && option[long_name.size()] == '=') {
    value = option.substr(long_name.size() + 1);
  } else if (is_short) {
    value = option.substr(short_name.size());
    if (value.starts_with('=')) value.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  return std::string(value);
}

std::string uncacheable_option(std::string_view option) {
  constexpr std::array<std::string_view, 7> files{
      "pch", "create-pch", "use-pch", "pch-dir", "fdevice-time-trace", "time", "use-bundled-headers"};
  auto name = option.substr(0, option.find('='));
  if (name.starts_with("--"))
    name.remove_prefix(2);
  else if (name.starts_with('-'))
    name.remove_prefix(1);
  else
    return {};
  if (name == "create-pch" || name == "fdevice-time-trace" || name == "time")
    return fmt::format("the option {} writes a file, which a cached result would not write", option);
  if (std::ranges::find(files, name) != files.end())
    return fmt::format("the option {} reads or writes files that belong to one process", option);
  if (option.find("options-file") != std::string_view::npos)
    return fmt::format("the option {} reads further options from a file", option);
  return {};
}

long cplusplus_of(std::string_view dialect) {
  if (dialect == "c++11") return 201103;
  if (dialect == "c++14") return 201402;
  if (dialect == "c++17") return 201703;
  if (dialect == "c++20") return 202002;
  return 0;
}

int cuda_arch_of(std::string_view arch) {
  const auto digits = arch.find('_');
  int number = 0;
  if (digits == std::string_view::npos) return 0;
  const auto* end = arch.data() + arch.size();
  if (std::from_chars(arch.data() + digits + 1, end, number).ec != std::errc()) return 0;
  return 10 * number;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

PreprocessorOptions parse_preprocessor_options(const std::vector<std::string>& options, CompilerVersion version) {
  PreprocessorOptions result;
  if (version.major >= 12) result.cplusplus = 201703;
  const auto set_arch = [&](std::string_view arch) {
    result.cuda_arch = cuda_arch_of(arch);
    result.is_plain_arch = result.cuda_arch != 0 && std::isdigit(static_cast<unsigned char>(arch.back())) != 0;
  };
  for (std::size_t at = 0; at < options.size(); ++at) {
    if (auto reason = uncacheable_option(options[at]); !reason.empty() && result.uncacheable.empty())
      result.uncacheable = std::move(reason);
    if (auto folder = value_of(options, at, "-I", "--include-path")) {
      result.folders.push_back(std::move(*folder));
    } else if (auto name = value_of(options, at, "", "--pre-include")) {
      result.includes.push_back(std::move(*name));
    } else if (auto named = value_of(options, at, "", "-include")) {
      result.includes.push_back(std::move(*named));
    } else if (auto text = value_of(options, at, "-D", "--define-macro")) {
      const auto equals = text->find('=');
      if (equals == std::string::npos)
        *text += " 1";
      else
        (*text)[equals] = ' ';
      result.definitions.push_back({std::move(*text), false});
    } else if (auto undefined = value_of(options, at, "-U", "--undefine-macro")) {
      result.definitions.push_back({std::move(*undefined), true});
    } else if (auto dialect = value_of(options, at, "", "--std")) {
      result.cplusplus = cplusplus_of(*dialect);
    } else if (auto short_dialect = value_of(options, at, "", "-std")) {
      result.cplusplus = cplusplus_of(*short_dialect);
    } else if (auto arch = value_of(options, at, "", "--gpu-architecture")) {
      set_arch(*arch);
    } else if (auto short_arch = value_of(options, at, "", "-arch")) {
      set_arch(*short_arch);
    }
  }
  return result;
}

// Found by asking NVRTC 13.0 about every name in its library and in the toolkit's headers, under the options that
// change the answer. The names that it takes from its own built-in headers differ from version to version.
bool may_be_predefined(std::string_view name) {
  // These belong to headers on disk, never to the compiler.
  if (starts_with_any(name, {"__CCCL_", "__CUB_", "__THRUST_", "__cccl_", "__THREAD_", "_CCCL_", "_CUDA_", "_CUB_",
                             "_LIBCUDACXX_", "_THRUST_", "_COOPERATIVE_GROUPS_", "_CG_"}))
    return false;
  if (name.starts_with("__")) return true;
  if (name.size() > 1 && name[0] == '_' && std::isupper(static_cast<unsigned char>(name[1])) != 0) return true;
  if (name.starts_with("cuda")) return name.size() > 4 && std::isupper(static_cast<unsigned char>(name[4])) != 0;
  return starts_with_any(name, {"NV_", "CUDART", "CUDA_", "CU_", "va_"}) || name == "NULL" || name == "assert" ||
         name == "offsetof" || name == "linux" || name == "unix" || name == "i386" || name == "WIN32";
}

bool may_be_builtin_guard(std::string_view name) {
  return starts_with_any(
      name, {"__COMMON_FUNCTIONS", "__CUDA", "__CUDART", "__DEVICE_", "__DRIVER_", "__HOST_", "__LIBRARY_", "__MATH_",
             "__NV_", "__SM_", "__SURFACE_", "__TEXTURE_", "__VECTOR_", "CUDA", "NV_"});
}

int known_macro(std::string_view name, const PreprocessorOptions& options, CompilerVersion version,
                std::string& value) {
  value.clear();
  if (name == "__CUDACC_RTC__" || name == "__CUDACC__" || name == "__EDG__") {
    value = "1";
    return 1;
  }
  if (name == "__cplusplus") {
    if (options.cplusplus != 0) value = fmt::format("{}L", options.cplusplus);
    return 1;
  }
  if (name == "__CUDA_ARCH__") {
    if (options.cuda_arch != 0) value = std::to_string(options.cuda_arch);
    return 1;
  }
  if (name == "__CUDACC_VER_MAJOR__" || name == "__CUDACC_VER_MINOR__") {
    value = std::to_string(name == "__CUDACC_VER_MAJOR__" ? version.major : version.minor);
    return 1;
  }
  // sm_90a and sm_100f have some of them, a plain architecture none.
  if (options.is_plain_arch && (name.starts_with("__CUDA_ARCH_FEAT_") || name == "__CUDA_ARCH_SPECIFIC__" ||
                                name == "__CUDA_ARCH_FAMILY_SPECIFIC__"))
    return 0;
  constexpr std::array<std::string_view, 16> defined{
      "__FILE__",     "__LINE__",   "__DATE__",          "__TIME__",     "__CUDACC_VER_BUILD__", "__EDG_VERSION__",
      "__global__",   "__device__", "__host__",          "__shared__",   "__constant__",         "__forceinline__",
      "__noinline__", "__STDC__",   "__launch_bounds__", "__has_include"};
  if (std::ranges::find(defined, name) != defined.end()) return 1;
  constexpr std::array<std::string_view, 40> undefined{"__NVCC__",
                                                       "_NVHPC_CUDA",
                                                       "__CUDA__",
                                                       "_M_X64",
                                                       "_M_ARM64",
                                                       "_M_ARM64EC",
                                                       "__GNUC__",
                                                       "__GNUC_MINOR__",
                                                       "__GNUC_PATCHLEVEL__",
                                                       "__GNUG__",
                                                       "__clang__",
                                                       "__clang_major__",
                                                       "_MSC_VER",
                                                       "_MSC_FULL_VER",
                                                       "_MSVC_LANG",
                                                       "_WIN32",
                                                       "_WIN64",
                                                       "__APPLE__",
                                                       "__MINGW32__",
                                                       "__CYGWIN__",
                                                       "__ANDROID__",
                                                       "__FreeBSD__",
                                                       "__NetBSD__",
                                                       "__OpenBSD__",
                                                       "__QNX__",
                                                       "__HIPCC__",
                                                       "__HIP__",
                                                       "__HIP_DEVICE_COMPILE__",
                                                       "__INTEL_COMPILER",
                                                       "__INTEL_LLVM_COMPILER",
                                                       "__ICC",
                                                       "__NVCOMPILER",
                                                       "__NVCOMPILER_CUDA__",
                                                       "__PGI",
                                                       "__PGIC__",
                                                       "__IBMCPP__",
                                                       "__SUNPRO_CC",
                                                       "__SYCL_DEVICE_ONLY__",
                                                       "__OPENCL_VERSION__",
                                                       "_OPENMP"};
  if (std::ranges::find(undefined, name) != undefined.end()) return 0;
  return may_be_predefined(name) ? -1 : 0;
}

}  // namespace cujitsu::compiler
