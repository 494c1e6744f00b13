// SPDX-License-Identifier: MIT
#include "nvrtc/toolkit.hpp"

#include "base/log.hpp"
#include "nvrtc/search.hpp"
#include "nvrtc/witnesses.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace cujitsu::nvrtc {
namespace {

namespace fs = std::filesystem;

/// What has been found, by the driver's major version.
struct Settings {
  std::mutex mutex;
  std::vector<std::string> wheel_folders;
  std::map<int, SearchResult> searched;
  std::map<int, std::shared_ptr<const Toolkit>> chosen;
};

Settings& settings() {
  static auto* instance = new Settings;
  return *instance;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

/// One line a member; recall reads it. No member has a line break, or the witnesses would have refused its path.
std::string describe(const Toolkit& toolkit) {
  return toolkit.library + "\n" + toolkit.builtins + "\n" + toolkit.origin + "\n" + std::to_string(toolkit.major) +
         "\n" + std::to_string(toolkit.minor) + "\n" + toolkit.identity + "\n";
}

/// The toolkit of an earlier search, if another search would find the same.
std::shared_ptr<const Toolkit> recall(std::string_view text, std::string_view inputs) {
  if (!text.starts_with(inputs)) return nullptr;
  text.remove_prefix(inputs.size());
  const auto line = [&] {
    const auto result = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), result.size() + 1));
    return result;
  };
  const auto number = [&] {
    const auto digits = line();
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  auto toolkit = std::make_shared<Toolkit>();
  toolkit->library = line();
  toolkit->builtins = line();
  toolkit->origin = line();
  toolkit->major = number();
  toolkit->minor = number();
  toolkit->identity = line();
  if (text.empty() || !Witnesses::still_hold(text)) return nullptr;
  log::debug("NVRTC {}.{}: {} ({}), as an earlier process found it", toolkit->major, toolkit->minor, toolkit->library,
             toolkit->origin);
  return toolkit;
}

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

SearchResult find_toolkit(int driver_major) {
  auto& it = settings();
  const std::lock_guard lock(it.mutex);
  const auto [entry, is_new] = it.searched.try_emplace(driver_major);
  if (is_new) entry->second = search(driver_major, it.wheel_folders).result;
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

std::shared_ptr<const Toolkit> require_toolkit(int driver_major, SearchMemo* memo) {
  auto toolkit = look_for_toolkit(driver_major, memo);
  if (toolkit == nullptr) raise_no_toolkit(find_toolkit(driver_major).candidates);
  return toolkit;
}

std::shared_ptr<const Toolkit> look_for_toolkit(int driver_major, SearchMemo* memo) {
  auto& it = settings();
  const std::lock_guard lock(it.mutex);
  auto& chosen = it.chosen[driver_major];
  if (chosen != nullptr) return chosen;
  const auto inputs = search_inputs(driver_major, it.wheel_folders);
  if (memo != nullptr) {
    if (const auto text = memo->load(inputs)) chosen = recall(*text, inputs);
    if (chosen != nullptr) return chosen;
  }
  auto outcome = search(driver_major, it.wheel_folders);
  if (outcome.result.toolkit == nullptr) return nullptr;
  chosen = outcome.result.toolkit;
  if (memo != nullptr)
    if (const auto witnesses = outcome.witnesses.text(); !witnesses.empty())
      memo->save(inputs, inputs + describe(*chosen) + witnesses);
  return chosen;
}

}  // namespace cujitsu::nvrtc

namespace cujitsu {

void set_wheel_folders(std::vector<std::string> folders) {
  auto& it = nvrtc::settings();
  const std::lock_guard lock(it.mutex);
  if (folders == it.wheel_folders) return;
  it.wheel_folders = std::move(folders);
  it.searched.clear();
  it.chosen.clear();
}

}  // namespace cujitsu
