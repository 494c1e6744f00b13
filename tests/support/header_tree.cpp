// SPDX-License-Identifier: MIT
#include "support/header_tree.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace cujitsu::test {
namespace {

constexpr std::array<const char*, 7> names{"a.h", "b.h", "c.h", "s/a.h", "s/d.h", "s/t/e.h", "plain"};

std::string identifier(std::string text) {
  for (auto& c : text)
    if (c == '/' || c == '.' || c == '-') c = '_';
  return text;
}

}  // namespace

HeaderTree::HeaderTree(std::uint64_t seed, bool may_ask_compiler)
    : generator_(seed), may_ask_compiler_(may_ask_compiler), folders_{"one", "two", "three"} {
  for (const auto& folder : folders_) {
    folder_.write(folder + "/.keep", "");
    for (const auto* name : names)
      if (chance(60)) write(folder + "/" + name);
  }
  const auto count = 3 + random(3);
  for (std::size_t i = 0; i < count; ++i) make_program();
}

std::string HeaderTree::some_name() { return names[random(names.size())]; }

std::string HeaderTree::include_line(bool in_header) {
  const auto name = some_name();
  switch (random(in_header ? 11 : 8)) {
    case 0:
    case 1: return fmt::format("#if __has_include(<{0}>)\n#include <{0}>\n#endif\n", name);
    case 2: return fmt::format("#if __has_include(\"{0}\")\n#  include \"{0}\" // {0}\n#endif\n", name);
    case 3:
      return fmt::format("#define HEADER_{0} <{1}>\n#if __has_include(HEADER_{0})\n#include HEADER_{0}\n#endif\n",
                         version_, name);
    case 4:
      return fmt::format("#if FLAG > {0}\n#if __has_include(<{1}>)\n#include <{1}>\n#endif\n#endif\n", random(3), name);
    case 5:
      return fmt::format("#ifdef SEEN_{0}\n#if __has_include(<{1}>)\n#include <{1}>\n#endif\n#endif\n",
                         identifier(some_name()), name);
    case 6:
      return fmt::format(
          "#define QUOTE_(x) #x\n#define QUOTE(x) QUOTE_(x)\n#define PART_{0} {1}\n#if __has_include(<{1}>)\n"
          "#include QUOTE(PART_{0})\n#endif\n#undef PART_{0}\n",
          version_, name);
    case 7:
      if (may_ask_compiler_)
        return fmt::format("#if {}\n#if __has_include(<{}>)\n#include <{}>\n#endif\n#endif\n",
                           chance(50) ? "__CUDA_FTZ" : "defined(__X_OF_THE_COMPILER) || __EDG_VERSION__ > 500", name,
                           name);
      return fmt::format("/* #include <{0}> */ static const char* text_{1} = \"\\\n#include <{0}>\";\n", name,
                         version_);
    case 8: return fmt::format("#if __has_include_next(<{0}>)\n#include_next <{0}>\n#endif\n", name);
    case 9: return fmt::format("#if __has_include(\"../{0}\")\n#include \"../{0}\"\n#endif\n", name);
    default:
      return fmt::format("#if __has_include(\"{0}\")\n#include \"{0}\"\n#endif\n", name.substr(name.rfind('/') + 1));
  }
}

std::string HeaderTree::header_text(const std::string& path) {
  ++version_;
  const auto id = identifier(path);
  std::string text = chance(30) ? "#pragma once\n" : fmt::format("#ifndef GUARD_{0}\n#define GUARD_{0}\n", id);
  const bool is_once = text.starts_with("#pragma");
  text += fmt::format("#define SEEN_{} {}\n", identifier(path.substr(path.find('/') + 1)), random(4));
  text += fmt::format("__device__ int version_of_{} = {};\n", id, 1'000'000 + version_);
  const auto count = random(3);
  for (std::size_t i = 0; i < count; ++i) text += include_line(true);
  return is_once ? text : text + "#endif\n";
}

void HeaderTree::write(const std::string& path) {
  auto text = header_text(path);
  folder_.write(path, text);
  files_[path] = std::move(text);
}

void HeaderTree::make_program() {
  Program program;
  const auto count = 1 + random(3);
  for (std::size_t i = 0; i < count; ++i) {
    ++version_;
    program.source += include_line(false);
  }
  program.source += "__global__ void f() {}\n";
  auto& options = program.options;
  if (chance(70)) options.options.push_back(fmt::format("-DFLAG={}", random(4)));
  for (const auto& folder : folders_) {
    if (chance(25)) continue;
    const auto path = chance(30) ? folder : folder_.path + "/" + folder;
    if (chance(40))
      options.options.push_back("-I" + path);
    else
      options.include_dirs.push_back(path);
  }
  if (chance(40)) {
    const auto name = some_name();
    options.headers.push_back(
        {name, fmt::format("__device__ int in_memory_{} = 1;\n{}", identifier(name), include_line(false))});
    options.headers.back().text = "#pragma once\n" + options.headers.back().text;
  }
  if (chance(15) && !files_.empty())
    options.options.push_back("--pre-include=" + folder_.path + "/" + files_.begin()->first);
  programs_.push_back(std::move(program));
}

std::string HeaderTree::mutate() {
  const auto some_file = [&] {
    return std::next(files_.begin(), static_cast<std::ptrdiff_t>(random(files_.size())))->first;
  };
  const auto any_place = [&] { return folders_[random(folders_.size())] + "/" + some_name(); };
  if (files_.empty() || chance(30)) {
    const auto path = any_place();
    const bool is_new = !files_.contains(path);
    write(path);
    return (is_new ? "added " : "rewrote ") + path;
  }
  const auto path = some_file();
  if (chance(40)) {
    write(path);
    return "changed " + path;
  }
  const auto text = files_[path];
  folder_.remove(path);
  files_.erase(path);
  if (chance(50)) return "removed " + path;
  const auto other = any_place();
  folder_.write(other, text);
  files_[other] = text;
  return "renamed " + path + " to " + other;
}

}  // namespace cujitsu::test
