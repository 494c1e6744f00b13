// SPDX-License-Identifier: MIT
#include "nvrtc/search.hpp"

#include "base/log.hpp"
#include "nvrtc/elf_build_id.hpp"
#include "nvrtc/ld_cache.hpp"

#include <cujitsu/environment.hpp>

#include <fmt/format.h>

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace cujitsu::nvrtc {
namespace {

constexpr std::string_view library_prefix = "libnvrtc.so.";
constexpr std::string_view builtins_prefix = "libnvrtc-builtins.so.";

// Which names are tried in a folder. A major version has come every two to four years, and had up to ten minor ones.
constexpr int oldest_major = 12;
constexpr int newest_major = 16;
constexpr int newest_minor = 15;

enum class Kind { system, wheel, named };

/// A place to look: a folder, or one file.
struct Place {
  std::string path;
  std::string origin;
  Kind kind;
  bool is_file = false;
};

struct Version {
  int major = 0;
  int minor = -1;  // -1: the name does not tell
};

/// "13.0.88" -> 13, 0; "13" -> 13, -1.
std::optional<Version> parse_version(std::string_view text) {
  Version version;
  char* end = nullptr;
  const std::string copy(text);
  version.major = static_cast<int>(std::strtol(copy.c_str(), &end, 10));
  if (end == copy.c_str() || version.major <= 0) return std::nullopt;
  if (*end == '.') version.minor = static_cast<int>(std::strtol(end + 1, nullptr, 10));
  return version;
}

std::vector<std::string> file_names(const std::string& folder, std::string_view prefix, Witnesses& witnesses) {
  std::vector<std::string> names;
  if (!witnesses.look_at(folder)) return names;
  if (DIR* directory = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(directory))
      if (std::string_view(entry->d_name).starts_with(prefix)) names.emplace_back(entry->d_name);
    ::closedir(directory);
  }
  std::ranges::sort(names);
  return names;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

/// Without links; empty when there is no such file.
std::string canonical(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> text(::realpath(path.c_str(), nullptr), &std::free);
  return text == nullptr ? std::string() : text.get();
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

void add_wheels(std::vector<Place>& places, const std::string& site_packages, Witnesses& witnesses) {
  for (const auto& name : file_names(site_packages + "/nvidia", "cu", witnesses))
    if (name == "cuda_nvrtc" || (name.size() > 2 && std::isdigit(static_cast<unsigned char>(name[2])) != 0))
      places.push_back({site_packages + "/nvidia/" + name + "/lib", "Python wheel", Kind::wheel});
}

std::vector<Place> places_to_look(const std::vector<std::string>& wheel_folders, Witnesses& witnesses) {
  std::vector<Place> places;
  if (const auto file = environment_value("CUJITSU_NVRTC")) return {{*file, "CUJITSU_NVRTC", Kind::named, true}};

  for (const auto& folder : wheel_folders) add_wheels(places, folder, witnesses);
  if (const auto venv = environment_value("VIRTUAL_ENV"))
    for (const auto& python : file_names(*venv + "/lib", "python", witnesses))
      add_wheels(places, *venv + "/lib/" + python + "/site-packages", witnesses);

  for (const char* variable : {"CUDA_PATH", "CUDA_HOME"})
    if (const auto root = environment_value(variable)) {
      places.push_back({*root + "/lib64", variable, Kind::system});
      places.push_back({*root + "/lib", variable, Kind::system});
    }
  if (const auto conda = environment_value("CONDA_PREFIX")) places.push_back({*conda + "/lib", "conda", Kind::system});
  if (const auto folders = environment_value("LD_LIBRARY_PATH")) {
    std::string_view rest = *folders;
    while (!rest.empty()) {
      const auto end = rest.find(':');
      if (end != 0) places.push_back({std::string(rest.substr(0, end)), "LD_LIBRARY_PATH", Kind::system});
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  static_cast<void>(witnesses.look_at("/etc/ld.so.cache"));
  for (auto& path : loader_paths(library_prefix))
    places.push_back({std::move(path), "system loader", Kind::system, true});
  for (const char* root : {"/usr/local/cuda", "/opt/cuda"})
    places.push_back({std::string(root) + "/lib64", "well-known folder", Kind::system});
  for (const auto& name : file_names("/usr/local", "cuda-", witnesses))
    places.push_back({"/usr/local/" + name + "/lib64", "well-known folder", Kind::system});
  return places;
}

std::string version_text(const Toolkit& toolkit) {
  return std::to_string(toolkit.major) + "." + std::to_string(toolkit.minor);
}

std::string compiler_identity(const Toolkit& toolkit) {
  struct stat status {};
  const auto builtins_size = ::stat(toolkit.builtins.c_str(), &status) == 0 ? status.st_size : 0;
  // put together by hand: the first use of a formatter costs more than all the rest of this function
  return "nvrtc " + version_text(toolkit) + " " + file_identity(toolkit.library) +
         " builtins:" + std::to_string(builtins_size);
}

class Search {
 public:
  explicit Search(int driver_major) : driver_major_(driver_major) {}

  SearchOutcome run(const std::vector<std::string>& wheel_folders) {
    const auto wanted = environment_value("CUJITSU_TOOLKIT").value_or("auto");
    if (wanted != "auto" && wanted != "system" && wanted != "wheels") {
      result_.candidates.push_back(
          {"", "CUJITSU_TOOLKIT", false, "'" + wanted + "' is not one of auto, system, wheels"});
      return {std::move(result_), {}};
    }
    const auto places = places_to_look(wheel_folders, witnesses_);
    for (const auto& place : places) {
      const bool excluded =
          (wanted == "wheels" && place.kind == Kind::system) || (wanted == "system" && place.kind == Kind::wheel);
      const auto exclusion = excluded ? "excluded by CUJITSU_TOOLKIT=" + wanted : std::string();
      if (place.is_file)
        look_at(place.path, place.origin, exclusion);
      else
        look_into(place, exclusion);
    }
    choose();
    return {std::move(result_), std::move(witnesses_)};
  }

 private:
  /// Every library of a folder; one that was looked into under another name is passed over. The names are tried instead
  /// of the folder read: a toolkit's folder holds hundreds of files.
  void look_into(const Place& place, const std::string& exclusion) {
    const auto status = witnesses_.look_at(place.path);
    if (!status || !seen_.emplace(status->st_dev, status->st_ino).second) return;
    std::string path = place.path + "/" + std::string(library_prefix);
    const auto stem = path.size();
    for (int major = oldest_major; major <= newest_major; ++major) {
      path.replace(stem, std::string::npos, std::to_string(major));
      if (exists(path)) look_at(path, place.origin, exclusion);
    }
  }

  void look_at(const std::string& path, const std::string& origin, const std::string& exclusion) {
    const auto status = witnesses_.look_at(path);
    if (status && !seen_.emplace(status->st_dev, status->st_ino).second) return;
    const auto file = status ? canonical(path) : std::string();
    if (!file.empty()) static_cast<void>(witnesses_.look_at(folder_of(file)));  // where its builtins are looked for
    auto& candidate = result_.candidates.emplace_back(LibraryCandidate{file.empty() ? path : file, origin, false, {}});
    found_.emplace_back();
    if (file.empty())
      candidate.reason = "no such file";
    else if (!exclusion.empty())
      candidate.reason = exclusion;
    else
      candidate.reason = identify(file, origin);
  }

  /// Fills found_.back(), or says why not.
  std::string identify(const std::string& file, const std::string& origin) {
    const auto name = name_of(file);
    std::optional<Version> version;
    if (name.starts_with(library_prefix)) version = parse_version(name.substr(library_prefix.size()));
    if (!version.has_value()) return "its name does not tell its version, as libnvrtc.so.13 does";
    if (version->major < oldest_major)
      return "NVRTC " + std::to_string(version->major) + " is too old: 12.0 or newer is needed";
    // libnvrtc.so.13 does not tell the minor version, but the builtins beside it do.
    const auto stem = folder_of(file) + "/" + std::string(builtins_prefix) + std::to_string(version->major) + ".";
    const int first = version->minor >= 0 ? version->minor : 0;
    const int last = version->minor >= 0 ? version->minor : newest_minor;
    for (int minor = first; minor <= last; ++minor) {
      auto builtins = stem + std::to_string(minor);
      if (!exists(builtins)) continue;
      static_cast<void>(witnesses_.look_at(builtins));
      auto toolkit = std::make_shared<Toolkit>();
      toolkit->library = file;
      toolkit->builtins = std::move(builtins);
      toolkit->origin = origin;
      toolkit->major = version->major;
      toolkit->minor = minor;
      found_.back() = std::move(toolkit);
      return {};
    }
    return "there is no libnvrtc-builtins of its version in its folder";
  }

  void choose() {
    std::shared_ptr<Toolkit> best;
    std::size_t best_index = 0;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const auto& toolkit = found_[i];
      if (toolkit == nullptr) continue;
      auto& reason = result_.candidates[i].reason;
      reason = "NVRTC " + version_text(*toolkit);
      if (driver_major_ != 0 && toolkit->major > driver_major_ && toolkit->origin != "CUJITSU_NVRTC") {
        reason += fmt::format(": its code does not run on this driver, which is of CUDA {}", driver_major_);
      } else if (best == nullptr || std::pair(toolkit->major, toolkit->minor) > std::pair(best->major, best->minor)) {
        best = toolkit;
        best_index = i;
      }
    }
    if (best == nullptr) return;
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (found_[i] != nullptr && i != best_index && result_.candidates[i].reason.find(':') == std::string::npos)
        result_.candidates[i].reason +=
            std::pair(found_[i]->major, found_[i]->minor) == std::pair(best->major, best->minor)
                ? ": usable, but the same version was found earlier in this list"
                : ": usable, but not the newest";
    result_.candidates[best_index].chosen = true;
    best->identity = compiler_identity(*best);
    result_.toolkit = best;
    log::debug("NVRTC {}.{}: {} ({})", best->major, best->minor, best->library, best->origin);
  }

  int driver_major_;
  SearchResult result_;
  Witnesses witnesses_;
  std::vector<std::shared_ptr<Toolkit>> found_;  // beside result_.candidates; nullptr for a rejected one
  std::set<std::pair<dev_t, ino_t>> seen_;       // folders and libraries: many are reached by several names
};

}  // namespace

SearchOutcome search(int driver_major, const std::vector<std::string>& wheel_folders) {
  return Search(driver_major).run(wheel_folders);
}

std::string search_inputs(int driver_major, const std::vector<std::string>& wheel_folders) {
  std::string text = "cujitsu's search for NVRTC, 1\ndriver " + std::to_string(driver_major) + "\n";
  for (const char* name :
       {"CUJITSU_NVRTC", "CUJITSU_TOOLKIT", "VIRTUAL_ENV", "CUDA_PATH", "CUDA_HOME", "CONDA_PREFIX", "LD_LIBRARY_PATH"})
    if (const auto value = environment_value(name)) text.append(name).append("=").append(*value).append("\n");
  for (const auto& folder : wheel_folders) text.append("wheels=").append(folder).append("\n");
  return text;
}

}  // namespace cujitsu::nvrtc
