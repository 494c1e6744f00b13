// SPDX-License-Identifier: MIT
// The child of compile_traced: runs NVRTC for each job, with file_trace.cpp preloaded.
#include "base/byte_stream.hpp"
#include "base/file.hpp"
#include "compile/compiler.hpp"
#include "compile/options.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <string>

using namespace cujitsu;

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const std::string base = argv[1];
  std::string text;
  if (file::read(base + "/jobs", text) != 0) return 3;
  const auto toolkit = nvrtc::require_toolkit(0);
  const auto& library = nvrtc::load(*toolkit);
  ByteReader reader(text);
  ByteWriter results;
  const auto count = reader.u64();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string folder(reader.text());
    const std::string source(reader.text());
    CompileOptions options;
    options.options = reader.texts();
    options.include_dirs = reader.texts();
    for (auto& [name, content] : reader.pairs()) options.headers.push_back({std::move(name), std::move(content)});
    options.name = reader.text();
    const bool without_folders = reader.u32() != 0;
    if (::chdir(folder.c_str()) != 0) return 4;
    auto nvrtc_options = compiler::compiler_options(options, "compute_80", {toolkit->major, toolkit->minor},
                                                    compiler::LineInfo::unwanted, toolkit->include_dirs());
    if (without_folders)
      std::erase_if(nvrtc_options, [](const std::string& option) {
        return option.starts_with("--include-path") || option.starts_with("-I");
      });
    ::setenv("CUJITSU_FILE_TRACE", fmt::format("{}/trace{}", base, i).c_str(), 1);
    try {
      const auto code = compiler::run({library, source, options, "compute_80", nvrtc_options});
      results.u32(1);
      results.text(code.ptx);
    } catch (const CompileError& error) {
      results.u32(0);
      results.text(error.log());
    }
    ::unsetenv("CUJITSU_FILE_TRACE");
  }
  return file::publish(base, "results", std::move(results).bytes()) == 0 ? 0 : 5;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
