// SPDX-License-Identifier: MIT
#include "nvrtc/toolkit.hpp"

#include "base/dynamic_library.hpp"
#include "base/log.hpp"
#include "nvrtc/elf_build_id.hpp"
#include "nvrtc/ld_cache.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

namespace cujitsu::nvrtc {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view library_prefix = "libnvrtc.so.";
constexpr std::string_view builtins_prefix = "libnvrtc-builtins.so.";

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

std::vector<std::string> file_names(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> names;
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

struct Settings {
  std::mutex mutex;
  std::vector<std::string> wheel_folders;
  std::map<int, SearchResult> results;  // by the driver's major version
};

Settings& settings() {
  static auto* instance = new Settings;
  return *instance;
}

void add_wheels(std::vector<Place>& places, const std::string& site_packages) {
  for (const auto& name : file_names(site_packages + "/nvidia", "cu"))
    if (name == "cuda_nvrtc" || (name.size() > 2 && std::isdigit(static_cast<unsigned char>(name[2])) != 0))
      places.push_back({site_packages + "/nvidia/" + name + "/lib", "Python wheel", Kind::wheel});
}

std::vector<Place> places_to_look(const std::vector<std::string>& wheel_folders) {
  std::vector<Place> places;
  if (const auto file = environment_value("CUJITSU_NVRTC")) return {{*file, "CUJITSU_NVRTC", Kind::named, true}};

  for (const auto& folder : wheel_folders) add_wheels(places, folder);
  if (const auto venv = environment_value("VIRTUAL_ENV"))
    for (const auto& python : file_names(*venv + "/lib", "python"))
      add_wheels(places, *venv + "/lib/" + python + "/site-packages");

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
  for (auto& path : loader_paths("libnvrtc")) places.push_back({std::move(path), "system loader", Kind::system, true});
  for (const char* root : {"/usr/local/cuda", "/opt/cuda"})
    places.push_back({std::string(root) + "/lib64", "well-known folder", Kind::system});
  for (const auto& name : file_names("/usr/local", "cuda-"))
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

  SearchResult run(const std::vector<std::string>& wheel_folders) {
    const auto wanted = environment_value("CUJITSU_TOOLKIT").value_or("auto");
    if (wanted != "auto" && wanted != "system" && wanted != "wheels") {
      result_.candidates.push_back(
          {"", "CUJITSU_TOOLKIT", false, "'" + wanted + "' is not one of auto, system, wheels"});
      return result_;
    }
    const auto places = places_to_look(wheel_folders);
    for (const auto& place : places) {
      const bool excluded =
          (wanted == "wheels" && place.kind == Kind::system) || (wanted == "system" && place.kind == Kind::wheel);
      const auto exclusion = excluded ? "excluded by CUJITSU_TOOLKIT=" + wanted : std::string();
      if (!place.is_file)
        look_into(place, exclusion);
      else if (place.kind == Kind::named)
        look_at(place.path, place.origin, exclusion, file_names(folder_of(canonical(place.path)), builtins_prefix));
      else if (name_of(place.path).starts_with(library_prefix))
        look_at(place.path, place.origin, exclusion, builtins_beside(place.path, places));
    }
    choose();
    return result_;
  }

 private:
  /// Every library of a folder; one that was looked into under another name is passed over.
  void look_into(const Place& place, const std::string& exclusion) {
    struct stat status {};
    if (::stat(place.path.c_str(), &status) != 0 || !folders_.emplace(status.st_dev, status.st_ino).second) return;
    std::vector<std::string> libraries;
    std::vector<std::string> builtins;
    for (auto& name : file_names(place.path, "libnvrtc"))
      (name.starts_with(library_prefix) ? libraries : builtins).push_back(std::move(name));
    for (const auto& name : libraries) look_at(place.path + "/" + name, place.origin, exclusion, builtins);
  }

  /// The loader's cache lists the builtins as well: its folders may hold thousands of files, and are not read.
  static std::vector<std::string> builtins_beside(const std::string& path, const std::vector<Place>& places) {
    std::vector<std::string> names;
    for (const auto& place : places)
      if (place.is_file && folder_of(place.path) == folder_of(path)) names.emplace_back(name_of(place.path));
    return names;
  }

  void look_at(const std::string& path, const std::string& origin, const std::string& exclusion,
               const std::vector<std::string>& builtins) {
    const auto file = canonical(path);
    if (!file.empty() && std::ranges::any_of(result_.candidates, [&](const auto& c) { return c.path == file; })) return;
    auto& candidate = result_.candidates.emplace_back(LibraryCandidate{file.empty() ? path : file, origin, false, {}});
    found_.emplace_back();
    if (file.empty())
      candidate.reason = "no such file";
    else if (!exclusion.empty())
      candidate.reason = exclusion;
    else
      candidate.reason = identify(file, origin, builtins);
  }

  /// Fills found_.back(), or says why not. `builtins` are the names of what may be builtins libraries in the folder.
  std::string identify(const std::string& file, const std::string& origin, const std::vector<std::string>& builtins) {
    const auto folder = folder_of(file);
    const auto name = name_of(file);
    std::optional<Version> version;
    if (name.starts_with(library_prefix)) version = parse_version(name.substr(library_prefix.size()));
    // The builtins' name alone has the minor version where the library is only called libnvrtc.so.13.
    std::optional<Version> exact;
    std::string builtins_file;
    for (const auto& candidate : builtins) {
      if (!candidate.starts_with(builtins_prefix)) continue;
      const auto found = parse_version(std::string_view(candidate).substr(builtins_prefix.size()));
      if (!found.has_value()) continue;
      if (version.has_value() && found->major != version->major) continue;
      exact = found;
      builtins_file = folder + "/" + candidate;
    }
    if (!exact.has_value()) return "there is no libnvrtc-builtins of its version in its folder";
    auto toolkit = std::make_shared<Toolkit>();
    toolkit->library = file;
    toolkit->builtins = builtins_file;
    toolkit->origin = origin;
    toolkit->major = exact->major;
    toolkit->minor = std::max(0, exact->minor);
    found_.back() = std::move(toolkit);
    return {};
  }

  void choose() {
    std::shared_ptr<Toolkit> best;
    std::size_t best_index = 0;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const auto& toolkit = found_[i];
      if (toolkit == nullptr) continue;
      auto& reason = result_.candidates[i].reason;
      reason = "NVRTC " + version_text(*toolkit);
      if (toolkit->major < 12) {
        reason += ": too old, 12.0 or newer is needed";
      } else if (driver_major_ != 0 && toolkit->major > driver_major_ && toolkit->origin != "CUJITSU_NVRTC") {
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
  std::vector<std::shared_ptr<Toolkit>> found_;  // beside result_.candidates; nullptr for a rejected one
  std::set<std::pair<dev_t, ino_t>> folders_;
};

}  // namespace

// The toolkit's own folders, beside the library; layouts seen: an installed toolkit (lib64 or targets/*/lib), conda,
// cu13 wheels (nvidia/cu13/{lib,include}), cu12 wheels (nvidia/cuda_nvrtc/lib, nvidia/cuda_runtime/include, …).
std::vector<std::string> Toolkit::include_dirs() const {
  const auto up = fs::path(library).parent_path().parent_path();
  std::vector<std::string> folders;
  const auto add = [&](const fs::path& folder, const char* witness) {
    if (exists((folder / witness).string()) && std::ranges::find(folders, folder.string()) == folders.end())
      folders.push_back(folder.string());
  };
  for (const auto& folder :
       {up / "include", up.parent_path() / "include", up.parent_path() / "cuda_runtime" / "include",
        up / "targets" / "x86_64-linux" / "include"}) {
    add(folder, "cuda_fp16.h");
    if (!folders.empty()) break;
  }
  if (!folders.empty()) add(fs::path(folders.front()) / "cccl", "cub/version.cuh");
  add(up.parent_path() / "cuda_cccl" / "include", "cub/version.cuh");
  add(up.parent_path() / "cuda_nvcc" / "include", "crt/host_defines.h");
  return folders;
}

std::string Toolkit::header_identity() const {
  std::string text;
  for (const auto& folder : include_dirs()) {
    text += folder + "\n";
    for (const char* name : {"cuda.h", "cuda_runtime_api.h", "cuda_fp16.hpp", "cub/version.cuh", "cuda/std/version"}) {
      struct stat status {};
      if (::stat((folder + "/" + name).c_str(), &status) == 0)
        text += fmt::format("  {} {} {}.{:09}\n", name, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
  }
  return text;
}

SearchResult find_toolkit(int driver_major) {
  auto& it = settings();
  const std::lock_guard lock(it.mutex);
  const auto [entry, is_new] = it.results.try_emplace(driver_major);
  if (is_new) entry->second = Search(driver_major).run(it.wheel_folders);
  return entry->second;
}

void raise_no_toolkit(const std::vector<LibraryCandidate>& candidates) {
  std::vector<std::string> tried;
  std::string message = "no usable NVRTC library:";
  for (const auto& candidate : candidates) {
    tried.push_back(fmt::format("{} ({}): {}", candidate.path, candidate.origin, candidate.reason));
    message += "\n  " + tried.back();
  }
  if (candidates.empty())
    message +=
        " looked in NVIDIA's Python wheels, CUDA_PATH, CUDA_HOME, CONDA_PREFIX, LD_LIBRARY_PATH, the system "
        "loader's cache, /usr/local/cuda* and /opt/cuda";
  message +=
      "\nInstall one with `pip install 'cujitsu[cu13]'` (or [cu12] for a driver of CUDA 12), or a CUDA toolkit, "
      "or name the file in CUJITSU_NVRTC.";
  throw LoadError(message, std::move(tried));
}

std::shared_ptr<const Toolkit> require_toolkit(int driver_major) {
  auto result = find_toolkit(driver_major);
  if (result.toolkit == nullptr) raise_no_toolkit(result.candidates);
  return result.toolkit;
}

}  // namespace cujitsu::nvrtc

namespace cujitsu {

void set_wheel_folders(std::vector<std::string> folders) {
  auto& it = nvrtc::settings();
  const std::lock_guard lock(it.mutex);
  if (folders == it.wheel_folders) return;
  it.wheel_folders = std::move(folders);
  it.results.clear();
}

}  // namespace cujitsu
