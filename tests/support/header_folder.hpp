// SPDX-License-Identifier: MIT
// A folder of headers that a test makes and changes.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace cujitsu::test {

/// Made empty, and removed with everything in it.
class HeaderFolder {
 public:
  HeaderFolder() {
    static int count = 0;
    path = (std::filesystem::canonical(std::filesystem::temp_directory_path()) /
            ("cujitsu-headers-" + std::to_string(::getpid()) + "-" + std::to_string(count++)))
               .string();
    std::filesystem::create_directories(path);
  }
  HeaderFolder(std::initializer_list<std::pair<const char*, const char*>> files) : HeaderFolder() {
    for (const auto& [name, text] : files) write(name, text);
  }
  ~HeaderFolder() { std::filesystem::remove_all(path); }
  HeaderFolder(const HeaderFolder&) = delete;
  HeaderFolder& operator=(const HeaderFolder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary | std::ios::trunc) << text;
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path + "/" + name); }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_symlink(target, path + "/" + name);
  }
  [[nodiscard]] std::string relative(const std::string& file) const {
    return file.starts_with(path + "/") ? file.substr(path.size() + 1) : file;
  }

  std::string path;
};

}  // namespace cujitsu::test
