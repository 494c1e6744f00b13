// SPDX-License-Identifier: MIT
#include "base/cpu_count.hpp"

#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <sched.h>

#include <filesystem>
#include <fstream>

using namespace cujitsu;
using test::TemporaryFolder;

namespace {

void put(const std::string& file, const char* text) {
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("a process may use at least one CPU and at most those of its affinity mask") {
  cpu_set_t set;
  REQUIRE(::sched_getaffinity(0, sizeof set, &set) == 0);
  CHECK(usable_cpus() >= 1);
  CHECK(usable_cpus() <= static_cast<unsigned>(CPU_COUNT(&set)));
}

TEST_CASE("a control group's quota is counted in whole CPUs, rounded up") {
  const TemporaryFolder mount;
  put(mount / "app/cpu.max", "150000 100000\n");
  CHECK(cgroup_cpus("0::/app\n", mount.path().native()) == 2);
}

TEST_CASE("the strictest quota of a control group and those above it holds") {
  const TemporaryFolder mount;
  put(mount / "cpu.max", "800000 100000\n");
  put(mount / "a/cpu.max", "100000 100000\n");
  put(mount / "a/b/cpu.max", "max 100000\n");
  CHECK(cgroup_cpus("0::/a/b\n", mount.path().native()) == 1);
}

TEST_CASE("a container whose group is not mounted takes the quota of the mount") {
  const TemporaryFolder mount;
  put(mount / "cpu.max", "400000 100000\n");
  CHECK(cgroup_cpus("0::/system.slice/of/the/host\n", mount.path().native()) == 4);
}

TEST_CASE("version 1 of control groups has quota and period in two files") {
  const TemporaryFolder mount;
  put(mount / "cpu,cpuacct/app/cpu.cfs_quota_us", "300000\n");
  put(mount / "cpu,cpuacct/app/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_cpus("5:memory:/app\n4:cpu,cpuacct:/app\n", mount.path().native()) == 3);
}

TEST_CASE("without a quota, or with one that can not be read, there is no limit") {
  const TemporaryFolder mount;
  put(mount / "none/cpu.max", "max 100000\n");
  put(mount / "bad/cpu.max", "many\n");
  put(mount / "cpu/v1/cpu.cfs_quota_us", "-1\n");
  put(mount / "cpu/v1/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_cpus("0::/none\n", mount.path().native()) == 0);
  CHECK(cgroup_cpus("0::/bad\n", mount.path().native()) == 0);
  CHECK(cgroup_cpus("4:cpu:/v1\n", mount.path().native()) == 0);
  CHECK(cgroup_cpus("", mount.path().native()) == 0);
  CHECK(cgroup_cpus("nonsense", mount.path().native()) == 0);
}
