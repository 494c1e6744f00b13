// SPDX-License-Identifier: MIT
// `cujitsu compile`
#include "cli/compile_arguments.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/kernels.hpp"
#include "cli/text.hpp"

#include <cujitsu/compile.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

namespace cujitsu::cli {
namespace {

constexpr const char* footer =
    R"(FILE's own folder is searched for #include "x.h", after the -I folders. The result is kept in
the kernel cache; `cujitsu cache explain FILE` says what it has of a file, or what has changed.

Examples:
  cujitsu compile add.cu                            what the kernels cost, for this machine's GPU
  cujitsu compile add.cu --arch sm_90 --ptx         PTX on standard output
  cujitsu compile add.cu --arch sm_90 -o add.cubin  machine code into a file
  cujitsu compile scale.cu --name-expression 'scale<float>' --option --use_fast_math
  generate | cujitsu compile - -D N=4 --json)";

struct Request {
  CompileArguments what;
  bool ptx = false;
  bool cubin = false;
  std::string output;
  bool no_cache = false;
};

/// Settles what is to be written where; throws UsageError for what can not be meant.
void settle_output(Request& request, const Console& console, bool json) {
  if (request.ptx && request.cubin) throw UsageError("--ptx and --cubin at once: -o names one file; run it twice");
  if (!request.output.empty() && !request.ptx && !request.cubin) {
    const auto extension = std::filesystem::path(request.output).extension();
    request.ptx = extension == ".ptx";
    request.cubin = extension == ".cubin";
    if (!request.ptx && !request.cubin)
      throw UsageError(fmt::format("-o {}: say with --ptx or --cubin what to write there", request.output));
  }
  if (request.cubin && request.output.empty())
    throw UsageError("--cubin is machine code, not text: name a file with -o, or pipe it with -o -");
  if (request.cubin && request.output == "-" && console.is_terminal)
    throw UsageError("--cubin is machine code and would garble this terminal: name a file with -o");
  if (json && request.output == "-")
    throw UsageError("--json and -o - both write to standard output; --ptx --json puts the PTX into the JSON");
}

const std::string& wanted_code(const Request& request, const CompiledCode& code) {
  const auto& wanted = request.cubin ? code.cubin : code.ptx;
  if (!wanted.empty()) return wanted;
  if (request.cubin)
    throw ArgumentError(fmt::format(
        "{} is a virtual architecture and has PTX alone; machine code needs a real one, such as --arch sm_90",
        code.arch));
  throw ArgumentError("with these options NVRTC makes no PTX");
}

std::string cache_text(const CompiledCode& code) {
  auto text = fmt::format("cache {}", to_string(code.cache_status));
  if (!code.cache_reason.empty()) text += ": " + code.cache_reason;
  return text;
}

Json result_json(const Request& request, const CompiledCode& code) {
  Json result{
      {"file", request.what.file},
      {"arch", code.arch},
      {"options", code.options},
      {"compiler", to_json(code.compiler)},
      {"seconds", code.seconds},
      {"cache", {{"status", to_string(code.cache_status)}, {"reason", code.cache_reason}, {"key", code.cache_key}}},
      {"kernels", to_json(code.kernels)},
      {"lowered_names", to_json(code.lowered_names)},
      {"globals", to_json(code.globals)},
      {"diagnostics", to_json(code.diagnostics())},
      {"log", code.log},
      {"ptx_bytes", code.ptx.size()},
      {"cubin_bytes", code.cubin.size()}};
  if (!request.output.empty())
    result["output"] = request.output;
  else if (request.ptx)
    result["ptx"] = code.ptx;
  return result;
}

void print_table(Console& console, const Request& request, const CompiledCode& code) {
  console.out << fmt::format("{}: {} for {}, {} in {:.3f} s by NVRTC {}\n{}\n\n", request.what.file,
                             count_text(code.kernels.size(), "kernel", "kernels"), code.arch,
                             code.cache_status == CacheStatus::hit ? "once compiled" : "compiled", code.seconds,
                             code.compiler.version(), cache_text(code));
  print_kernels(console, code.kernels);
}

int compile(Console& console, Request& request, bool json) {
  settle_output(request, console, json);
  const auto source = read_source(request.what.file);
  const auto code =
      cujitsu::compile(source, request.what.compile_options(), request.no_cache ? nullptr : &KernelCache::standard());
  if (!code.log.empty()) console.err << code.log << (code.log.ends_with('\n') ? "" : "\n");

  const bool wants_code = request.ptx || request.cubin;
  if (wants_code) {
    const auto& bytes = wanted_code(request, code);
    if (!request.output.empty())
      write_result(console, request.output, bytes);
    else if (!json)
      console.out << bytes << (bytes.ends_with('\n') ? "" : "\n");
    if (!json && !request.output.empty() && request.output != "-")
      console.out << fmt::format("{}: {} of {} for {}; {}\n", request.output, bytes_text(bytes.size()),
                                 request.cubin ? "machine code" : "PTX", code.arch, cache_text(code));
  }
  if (json)
    print_json(console, result_json(request, code));
  else if (!wants_code)
    print_table(console, request, code);
  return 0;
}

}  // namespace

void add_compile(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("compile", "Compile a CUDA C++ file");
  command->footer(footer);
  const auto request = std::make_shared<Request>();
  command->add_option("FILE", request->what.file, "CUDA C++ source; - for standard input")->type_name("")->required();
  command->add_flag("--ptx", request->ptx, "Write PTX, to standard output or the file of -o");
  command->add_flag("--cubin", request->cubin, "Write machine code to the file of -o");
  command->add_option("-o,--output", request->output, "File to write; its .ptx or .cubin stands for the flag")
      ->type_name("FILE");
  add_compile_arguments(*command, request->what);
  command->add_flag("--no-cache", request->no_cache, "Neither read nor write the kernel cache");
  add_json_flag(*command, invocation);
  command->callback([&invocation, request] {
    invocation.action = [&invocation, request](Console& console) {
      return compile(console, *request, invocation.json);
    };
  });
}

}  // namespace cujitsu::cli
