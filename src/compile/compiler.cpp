// SPDX-License-Identifier: MIT
#include "compile/compiler.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "compile/describe_kernels.hpp"
#include "compile/diagnostics.hpp"
#include "compile/hints.hpp"
#include "compile/kernel_scan.hpp"
#include "compile/pch.hpp"
#include "compile/signature_probe.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr nvrtc::Result success = 0;

// NVRTC searches the folder of the program's name, or the current one, for headers: an input that nobody sees. Its option
// --no-source-include ends that, but also the search beside a header for what that includes (<mma.h> and "mma.hpp"). So
// the program is said to be in a folder that is not there, and #line gives it its own name again.
constexpr std::string_view nowhere = "/cujitsu/nowhere/";

std::string name_for_nvrtc(const std::string& name) { return std::string(nowhere) + name.substr(name.rfind('/') + 1); }

/// With precompiled headers the #line stands behind them: NVRTC wants none before. A token that means nothing ends them.
std::string text_for_nvrtc(std::string_view source, const std::string& name, std::string_view epilogue,
                           const PchUse* pch) {
  std::string text;
  int line = 1;
  if (pch != nullptr) {
    text = source.substr(0, pch->prefix().bytes);
    text += "extern \"C++\" {}\n";
    source.remove_prefix(pch->prefix().bytes);
    line = pch->prefix().next_line;
  }
  text += fmt::format("#line {} \"", line);
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += "\"\n";
  text += source;
  text += epilogue;
  return text;
}

/// NVRTC's flow callback: any of its threads, between two phases.
int stop_if_cancelled(void* flag, void*) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; }

class Program {
 public:
  Program(const nvrtc::Api& api, std::string_view source, const CompileOptions& options, std::string_view epilogue,
          const PchUse* pch)
      : api_(api), name_(options.name), name_for_nvrtc_(name_for_nvrtc(options.name)) {
    const auto text = text_for_nvrtc(source, name_, epilogue, pch);
    std::vector<const char*> texts;
    std::vector<const char*> names;
    for (const auto& header : options.headers) {
      texts.push_back(header.text.c_str());
      names.push_back(header.name.c_str());
    }
    check(api_.nvrtcCreateProgram(&handle_, text.c_str(), name_for_nvrtc_.c_str(), static_cast<int>(texts.size()),
                                  texts.data(), names.data()),
          "nvrtcCreateProgram");
  }
  ~Program() { api_.nvrtcDestroyProgram(&handle_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void add_name(const std::string& expression) const {
    check(api_.nvrtcAddNameExpression(handle_, expression.c_str()), "nvrtcAddNameExpression");
  }

  [[nodiscard]] nvrtc::Result compile(const std::vector<std::string>& options) const {
    std::vector<const char*> arguments;
    for (const auto& option : options) arguments.push_back(option.c_str());
    if (const auto* flag = run_context().is_cancelled; flag != nullptr && api_.nvrtcSetFlowCallback != nullptr)
      api_.nvrtcSetFlowCallback(handle_, stop_if_cancelled, const_cast<std::atomic<bool>*>(flag));
    return api_.nvrtcCompileProgram(handle_, static_cast<int>(arguments.size()), arguments.data());
  }

  [[nodiscard]] nvrtc::ProgramHandle handle() const noexcept { return handle_; }

  [[nodiscard]] std::string lowered_name(const std::string& expression) const {
    const char* lowered = nullptr;
    check(api_.nvrtcGetLoweredName(handle_, expression.c_str(), &lowered), "nvrtcGetLoweredName");
    return lowered;
  }

  void check(nvrtc::Result result, const char* call) const {
    if (result != success)
      throw CompileError(fmt::format("{}: {}", call, api_.nvrtcGetErrorString(result)),
                         CompileError::Details{{}, {}, {}, {}, {}, result});
  }

  /// One of NVRTC's results by its two functions; empty where there is none. `has_nul`: the size counts a final NUL.
  std::string result(nvrtc::Result (*get_size)(nvrtc::ProgramHandle, std::size_t*),
                     nvrtc::Result (*get)(nvrtc::ProgramHandle, char*), bool has_nul) const {
    std::size_t size = 0;
    if (get_size(handle_, &size) != success || size == 0) return {};
    std::string text(size, '\0');
    if (get(handle_, text.data()) != success) return {};
    if (has_nul) text.pop_back();
    return text;
  }

  /// With the user's name of the program.
  [[nodiscard]] std::string log() const {
    auto text = result(api_.nvrtcGetProgramLogSize, api_.nvrtcGetProgramLog, true);
    for (auto at = text.find(name_for_nvrtc_); at != std::string::npos;
         at = text.find(name_for_nvrtc_, at + name_.size()))
      text.replace(at, name_for_nvrtc_.size(), name_);
    return text;
  }

 private:
  const nvrtc::Api& api_;
  const std::string& name_;
  std::string name_for_nvrtc_;
  nvrtc::ProgramHandle handle_ = nullptr;
};

[[noreturn]] void raise(const RunRequest& request, nvrtc::Result result, std::string log) {
  constexpr std::size_t most = 10;
  constexpr std::string_view include_option = "--include-path=";
  const auto& nvrtc = request.nvrtc;
  const auto& name = request.options.name;
  CompileError::Details details{name, std::move(log), request.nvrtc_options, {}, {}, result};
  details.diagnostics = parse_log(details.log, name, request.source);
  std::vector<std::string> include_dirs;
  for (const auto& option : request.nvrtc_options)
    if (option.starts_with(include_option)) include_dirs.push_back(option.substr(include_option.size()));
  details.hint = hint_for(details.diagnostics, include_dirs);

  const auto errors = std::ranges::count_if(details.diagnostics, is_error);
  std::string message =
      fmt::format("{} does not compile (NVRTC {}.{}: {}{})", name, nvrtc.major, nvrtc.minor,
                  nvrtc.api.nvrtcGetErrorString(result), errors > 1 ? fmt::format(", {} errors", errors) : "");
  std::size_t shown = 0;
  for (const auto& diagnostic : details.diagnostics) {
    if (!is_error(diagnostic)) continue;
    if (++shown > most) {
      message += fmt::format("\n… and {} more errors: see the log", static_cast<std::size_t>(errors) - most);
      break;
    }
    message += "\n" + format_diagnostic(diagnostic);
  }
  if (shown == 0) message += "\n" + std::string(text::trim(details.log));
  if (!details.hint.empty()) message += "\nhint: " + details.hint;
  throw CompileError(message, std::move(details));
}

[[noreturn]] void raise_cancelled(const CompileOptions& options) {
  throw CancelledError(fmt::format("the compile of {} was cancelled", options.name));
}

TypesByKernel answers(const Program& program, const SignatureProbe& probe, const CompiledCode& code) {
  TypesByKernel types;
  for (const auto& [kernel, expression] : probe.questions()) {
    const auto known = std::ranges::find(code.lowered_names, kernel, &std::pair<std::string, std::string>::first);
    types[known == code.lowered_names.end() ? kernel : known->second] =
        SignatureProbe::types(program.lowered_name(expression));
  }
  return types;
}

/// What run() does with, or without, a probe and precompiled headers. Nothing when either may be to blame for a failure.
std::optional<CompiledCode> try_run(const RunRequest& request, const std::vector<DeclaredKernel>& declared,
                                    const SignatureProbe* probe, PchUse* pch) {
  const auto& api = request.nvrtc.api;
  const auto& options = request.options;
  const Program program(api, request.source, options, probe == nullptr ? std::string_view() : probe->text(), pch);
  for (const auto& expression : options.name_expressions) program.add_name(expression);
  if (probe != nullptr)
    for (const auto& question : probe->questions()) program.add_name(question.expression);

  auto all_options = request.nvrtc_options;
  if (pch != nullptr) std::ranges::copy(pch->options(), std::back_inserter(all_options));
  const auto result = program.compile(all_options);
  if (result == nvrtc::result::cancelled) raise_cancelled(options);
  auto log = program.log();
  if (result != success) {
    if (pch != nullptr) return std::nullopt;
    if (probe != nullptr && SignatureProbe::is_mentioned(log)) return std::nullopt;
    raise(request, result, std::move(log));
  }
  if (pch != nullptr && !pch->end(program.handle(), log)) return std::nullopt;
  CompiledCode code;
  code.log = std::move(log);
  code.ptx = program.result(api.nvrtcGetPTXSize, api.nvrtcGetPTX, true);
  code.cubin = program.result(api.nvrtcGetCUBINSize, api.nvrtcGetCUBIN, false);
  for (const auto& expression : options.name_expressions)
    code.lowered_names.emplace_back(expression, program.lowered_name(expression));
  describe_kernels(code, declared, probe == nullptr ? TypesByKernel() : answers(program, *probe, code));
  return code;
}

}  // namespace

CompiledCode run(const RunRequest& request) {
  const auto& context = run_context();
  if (context.is_cancelled != nullptr && context.is_cancelled->load()) raise_cancelled(request.options);
  if (context.runner != nullptr)
    if (auto code = context.runner->run(request)) return std::move(*code);
  return run_here(request);
}

CompiledCode run_here(const RunRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  const auto& options = request.options;
  const auto& nvrtc = request.nvrtc;
  const auto declared = scan_kernels(request.source);
  const SignatureProbe probe(declared, options);
  std::optional<CompiledCode> compiled;
  // A failure is told by a compile without them: its log is then the same, whatever the headers' state.
  if (const auto pch = PchUse::begin(request)) compiled = try_run(request, declared, &probe, pch.get());
  if (!compiled) compiled = try_run(request, declared, &probe, nullptr);
  if (!compiled) {
    log::debug("{}: the C types of its kernels can not be asked for; PTX alone tells their parameters", options.name);
    compiled = try_run(request, declared, nullptr, nullptr);
  }
  auto& code = *compiled;
  code.arch = request.arch;
  code.options = request.nvrtc_options;
  code.compiler = {nvrtc.major, nvrtc.minor, nvrtc.path};
  code.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  log::debug("compiled {} for {} in {:.1f} ms: {} kernels, {} bytes of PTX, {} of machine code", options.name,
             code.arch, 1e3 * code.seconds, code.kernels.size(), code.ptx.size(), code.cubin.size());
  return std::move(code);
}

}  // namespace cujitsu::compiler
