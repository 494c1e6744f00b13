// SPDX-License-Identifier: MIT
#include "base/cpu_count.hpp"

#include "base/text.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>

namespace cujitsu {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Nothing for what is no positive number: "max", "-1", a file that is not there.
std::optional<std::uint64_t> positive(std::string_view text) {
  text = text::trim(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return value;
}

unsigned cpus_of(std::string_view quota, std::string_view period) {
  const auto microseconds = positive(quota);
  const auto every = positive(period);
  if (!microseconds || !every) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>((*microseconds + *every - 1) / *every, 1U << 20));
}

unsigned quota_in(const std::string& folder) {
  const auto both = read_all(folder + "/cpu.max");  // "max 100000" or "150000 100000"
  if (const auto space = both.find(' '); space != std::string::npos)
    return cpus_of(std::string_view(both).substr(0, space), std::string_view(both).substr(space));
  return cpus_of(read_all(folder + "/cpu.cfs_quota_us"), read_all(folder + "/cpu.cfs_period_us"));
}

unsigned least(unsigned one, unsigned other) { return one == 0 ? other : other == 0 ? one : std::min(one, other); }

unsigned affinity() {
  // Machines of more CPUs than a cpu_set_t has bits refuse it with EINVAL.
  for (std::size_t bits = 1024; bits <= (std::size_t{1} << 20); bits *= 4) {
    std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(bits), [](cpu_set_t* each) { CPU_FREE(each); });
    if (set == nullptr) break;
    const auto bytes = CPU_ALLOC_SIZE(bits);
    if (::sched_getaffinity(0, bytes, set.get()) == 0) return static_cast<unsigned>(CPU_COUNT_S(bytes, set.get()));
  }
  return std::thread::hardware_concurrency();
}

}  // namespace

unsigned cgroup_cpus(std::string_view membership, const std::string& mount) {
  unsigned result = 0;
  for (const auto line : text::lines(membership)) {
    // "0::/path" (version 2), "4:cpu,cpuacct:/path" (version 1)
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const bool is_v2 = controllers.empty();
    if (!is_v2 && ("," + std::string(controllers) + ",").find(",cpu,") == std::string::npos) continue;
    const std::string top = is_v2 ? mount : mount + "/" + std::string(controllers);
    // Within a container the path may be the host's, which is not mounted here: the mount itself is then the group.
    std::string path(line.substr(second + 1));
    while (true) {
      result = least(result, quota_in(top + path));
      const auto slash = path.rfind('/');
      if (path.empty() || slash == std::string::npos) break;
      path.erase(slash);
    }
  }
  return result;
}

unsigned usable_cpus() {
  return std::max(1U, least(affinity(), cgroup_cpus(read_all("/proc/self/cgroup"), "/sys/fs/cgroup")));
}

}  // namespace cujitsu
