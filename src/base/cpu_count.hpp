// SPDX-License-Identifier: MIT
// How many CPUs this process may keep busy.
#pragma once

#include <string>
#include <string_view>

namespace cujitsu {

/// The least of what its affinity mask (sched_getaffinity) and its control group's CPU quota (a container's limit) allow;
/// at least 1. Asked anew by each call, which reads a few files.
[[nodiscard]] unsigned usable_cpus();

/// The quota of the control groups named in `membership` (the text of /proc/self/cgroup) and of all above them, mounted at
/// `mount` ("/sys/fs/cgroup"), in whole CPUs rounded up; 0 where there is none. Version 2's cpu.max, version 1's
/// cpu.cfs_quota_us and cpu.cfs_period_us.
[[nodiscard]] unsigned cgroup_cpus(std::string_view membership, const std::string& mount);

}  // namespace cujitsu
