// SPDX-License-Identifier: MIT
// From a command line to a command, and from what it throws to an exit code.
#include "cli/cli.hpp"
#include "cli/command.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/version.hpp>

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::cli {
namespace {

constexpr int done = 0;
constexpr int bad_input = 1;
constexpr int bad_usage = 2;

constexpr const char* footer = R"(Examples:
  cujitsu doctor                             what works on this machine
  cujitsu compile add.cu                     compile a file; show what its kernels cost
  cujitsu compile add.cu --arch sm_90 --ptx  print its PTX
  cujitsu cache list                         what has been compiled and kept
  cujitsu cache show 3f21                    one entry, by the first digits of its key
  cujitsu cache explain add.cu               would it be compiled again, and why

Every command takes --help, and --json for programs.
Exit codes: 0 done, 1 bad input or something missing, 2 bad usage.)";

void set_up_terminal(Console& console, const std::ostream& out) {
  console.is_terminal = &out == &std::cout && isatty(STDOUT_FILENO) != 0;
  if (!console.is_terminal) return;
  const char* no_color = std::getenv("NO_COLOR");  // no-color.org: any text but the empty one
  console.bold = no_color == nullptr || *no_color == '\0';
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    console.width = std::max<std::size_t>(size.ws_col, 80);
}

/// The command that was named last: where a wrong argument stands.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.front());
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const auto meant = nearest(word, candidates);
  return meant.empty() ? std::string() : fmt::format("; did you mean '{}'?", meant);
}

/// What was wrong with the first argument that no option or command took; empty when all were taken.
std::string unknown_argument(const CLI::App& command) {
  const auto remaining = command.remaining(true);
  if (remaining.empty()) return {};
  const auto& word = remaining.front();
  std::vector<std::string> names;
  if (word.starts_with('-')) {
    for (const auto* option : command.get_options())
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    return fmt::format("unknown option '{}'{}", word, did_you_mean(word.substr(0, word.find('=')), names));
  }
  for (const auto* sub : command.get_subcommands({})) names.push_back(sub->get_name());
  if (names.empty()) return fmt::format("unexpected argument '{}'", word);
  return fmt::format("unknown command '{}'{}", word, did_you_mean(word, names));
}

int report_usage(std::ostream& err, const CLI::App& command, std::string_view message) {
  err << fmt::format("cujitsu: {}\nRun '{} --help' for the ways to use it.\n", message, full_name(command));
  return bad_usage;
}

/// Parses; returns an exit code when there is nothing left to run.
std::optional<int> parse(CLI::App& app, std::span<const std::string> arguments, Console& console) {
  try {
    // CLI11 takes the arguments last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    console.out << app.help();
    return done;
  } catch (const CLI::CallForVersion& request) {
    console.out << request.what() << '\n';
    return done;
  } catch (const CLI::ParseError& error) {
    const auto& command = innermost(app);
    // Before CLI11's own words: "FILE is required" hides the mistyped option that is the cause.
    const auto unknown = unknown_argument(command);
    return report_usage(console.err, command, unknown.empty() ? error.what() : unknown);
  } catch (const UsageError& error) {
    return report_usage(console.err, innermost(app), error.what());
  }
}

int report_error(Console& console, const std::exception& error, bool json) {
  console.err << "cujitsu: error: " << error.what() << '\n';
  console.out.str("");
  if (json) print_json(console, error_json(error));
  return bad_input;
}

int run_command(std::span<const std::string> arguments, Console& console) {
  CLI::App app("Compiles CUDA C++ while a program runs, and keeps the result on disk.", "cujitsu");
  app.set_version_flag("--version", fmt::format("cujitsu {}", version), "Print the version and exit");
  app.require_subcommand(0, 1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  Invocation invocation;
  add_doctor(app, invocation);
  add_devices(app, invocation);
  add_compile(app, invocation);
  add_precompile(app, invocation);
  add_cache(app, invocation);
  add_worker(app, invocation);
  app.footer(footer);  // after the commands, which would inherit it

  if (const auto code = parse(app, arguments, console)) return *code;
  if (!invocation.action) {
    console.err << app.help();
    return bad_usage;
  }
  try {
    return invocation.action(console);
  } catch (const UsageError& error) {
    return report_usage(console.err, innermost(app), error.what());
  } catch (const std::exception& error) {
    return report_error(console, error, invocation.json);
  }
}

/// Hands over what the command wrote. A reader that has seen enough (`| head`) is no error.
int deliver(Console& console, std::ostream& out, int code) {
  const auto text = std::move(console.out).str();
  if (text.empty()) return code;
  errno = 0;
  out.write(text.data(), static_cast<std::streamsize>(text.size())).flush();
  if (out || errno == EPIPE) return code;
  console.err << "cujitsu: error: can not write the output: " << std::strerror(errno != 0 ? errno : EIO) << '\n';
  return bad_input;
}

}  // namespace

void add_json_flag(CLI::App& command, Invocation& invocation) {
  command.add_flag("--json", invocation.json, "Print JSON for programs");
}

int run(std::span<const std::string> arguments, std::ostream& out, std::ostream& err) {
  try {
    Console console{.out = {}, .err = err};
    set_up_terminal(console, out);
    const int code = run_command(arguments, console);
    err.flush();
    return deliver(console, out, code);
  } catch (const std::exception& error) {
    err << "cujitsu: error: " << error.what() << '\n';
    return bad_input;
  }
}

}  // namespace cujitsu::cli
