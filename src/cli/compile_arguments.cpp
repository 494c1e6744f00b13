// SPDX-License-Identifier: MIT
#include "cli/compile_arguments.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace cujitsu::cli {
namespace {

std::string check_definition(const std::string& definition) {
  const auto name = definition.substr(0, definition.find('='));
  const bool starts_badly = name.empty() || (name[0] >= '0' && name[0] <= '9');
  const bool all_good =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") == std::string::npos;
  return starts_badly || !all_good ? fmt::format("'{}' is not NAME or NAME=VALUE", definition) : std::string();
}

}  // namespace

bool CompileArguments::has_options() const noexcept {
  return hermetic ||
         !(arch.empty() && include_dirs.empty() && definitions.empty() && options.empty() && name_expressions.empty());
}

CompileOptions CompileArguments::compile_options() const {
  CompileOptions result;
  result.arch = arch;
  result.include_dirs = include_dirs;
  result.name_expressions = name_expressions;
  result.hermetic = hermetic;
  for (const auto& definition : definitions) result.options.push_back("-D" + definition);
  result.options.insert(result.options.end(), options.begin(), options.end());
  if (file == "-") {
    result.name = "stdin.cu";
  } else {
    result.name = file;
    const auto folder = std::filesystem::path(file).parent_path();
    result.include_dirs.push_back(folder.empty() ? "." : folder.string());
  }
  return result;
}

void add_compile_arguments(CLI::App& command, CompileArguments& arguments) {
  // One value each time: CLI11 would otherwise let -I swallow the FILE that follows.
  const auto add_list = [&](const char* flags, std::vector<std::string>& values, const char* value, const char* help) {
    return command.add_option(flags, values, help)->type_name(value)->allow_extra_args(false);
  };
  command
      .add_option("--arch", arguments.arch,
                  "Such as sm_90 or compute_90; without it this machine's own GPU, else sm_80")
      ->type_name("ARCH");
  add_list("-I,--include-dir", arguments.include_dirs, "DIR", "Folder for #include, may be repeated");
  add_list("-D,--define", arguments.definitions, "NAME=VALUE", "Macro, may be repeated")->check(check_definition, "");
  add_list("--option", arguments.options, "X", "Option for NVRTC as it is, such as --option --use_fast_math");
  add_list("--name-expression", arguments.name_expressions, "X", "Template instance to make, such as 'scale<float>'");
  command.add_flag("--hermetic", arguments.hermetic, "Give NVRTC the very bytes of the headers that the key has");
}

}  // namespace cujitsu::cli
