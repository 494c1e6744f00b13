// SPDX-License-Identifier: MIT
// The closure of includes against what NVRTC reads, file by file, over random trees of headers.
#include "compile/include_closure.hpp"
#include "nvrtc/toolkit.hpp"
#include "support/catch.hpp"
#include "support/compile_jobs.hpp"
#include "support/header_tree.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

using namespace cujitsu;
using namespace cujitsu::compiler;
using namespace cujitsu::test;
using Paths = std::set<std::string>;

namespace {

struct Toolkit {
  std::shared_ptr<const nvrtc::Toolkit> found = nvrtc::find_toolkit(0).toolkit;
  std::vector<std::string> folders = found != nullptr ? found->include_dirs() : std::vector<std::string>();
};

const Toolkit& toolkit() {
  static const Toolkit instance;
  return instance;
}

#define NEEDS_NVRTC() \
  if (toolkit().found == nullptr) CUJITSU_SKIP("there is no NVRTC")

std::uint64_t seed() {
  const char* given = std::getenv("CUJITSU_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

struct InFolder {
  std::filesystem::path before = std::filesystem::current_path();
  explicit InFolder(const std::string& path) { std::filesystem::current_path(path); }
  ~InFolder() { std::filesystem::current_path(before); }
};

IncludeClosure closure_of(const std::string& source, const CompileOptions& options) {
  const CompilerVersion version{toolkit().found->major, toolkit().found->minor};
  return find_closure(source, {options, compiler_options(options, "compute_80", version, LineInfo::unwanted, {}),
                               toolkit().folders, version});
}

Paths files_of(const IncludeClosure& closure) {
  Paths result;
  for (const auto& file : closure.record.headers) result.insert(file.path);
  result.insert(closure.record.present.begin(),
                closure.record.present.end());  // NVRTC opens these as well, to see that they are there
  return result;
}

Paths absent_of(const IncludeClosure& closure) { return {closure.record.absent.begin(), closure.record.absent.end()}; }

/// What is about headers: not the library's own looks at the machine, nor the program's folder, which is one fact.
Paths relevant(const std::vector<std::string>& traced) {
  Paths result;
  for (const auto& path : traced)
    if (!path.starts_with("/cujitsu/nowhere/") && !path.starts_with("/proc/") && !path.starts_with("/sys/") &&
        !path.starts_with("/dev/") && !path.starts_with("/etc/") && path.find(".so") == std::string::npos)
      result.insert(path);
  return result;
}

Paths without(Paths paths, const Paths& others) {
  for (const auto& path : others) paths.erase(path);
  return paths;
}

/// A file that was read under another spelling is only looked at.
Paths canonical(const Paths& paths) {
  Paths result;
  for (const auto& path : paths) result.insert(std::filesystem::canonical(path).string());
  return result;
}

}  // namespace

TEST_CASE("NVRTC reads no file and misses no file that is not in the closure") {
  NEEDS_NVRTC();
  const auto first = seed();
  for (std::uint64_t i = 0; i < 20; ++i) {
    CAPTURE(first, i);
    const HeaderTree tree(first + i, true);
    std::vector<CompileJob> jobs;
    for (const auto& program : tree.programs()) jobs.push_back({tree.path(), program.source, program.options});
    const auto outcomes = compile_traced(jobs);
    const InFolder there(tree.path());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      CAPTURE(jobs[j].source, jobs[j].options.options, outcomes[j].ptx);
      const auto closure = closure_of(jobs[j].source, jobs[j].options);
      REQUIRE(closure.uncacheable == "");
      CHECK(without(relevant(outcomes[j].opened), files_of(closure)) == Paths());
      // A header in memory is in the request: NVRTC's looks for its name on disk are not about the closure.
      CHECK(without(relevant(outcomes[j].missing), absent_of(closure)) == Paths());
    }
  }
}

TEST_CASE("without conditions that only the compiler can decide the closure is exactly what NVRTC reads") {
  NEEDS_NVRTC();
  const auto first = seed();
  for (std::uint64_t i = 0; i < 20; ++i) {
    CAPTURE(first, i);
    const HeaderTree tree(first + i, false);
    std::vector<CompileJob> jobs;
    for (const auto& program : tree.programs()) jobs.push_back({tree.path(), program.source, program.options});
    const auto outcomes = compile_traced(jobs);
    const InFolder there(tree.path());
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      if (!outcomes[j].compiled) continue;  // NVRTC stops reading at an error
      CAPTURE(jobs[j].source, jobs[j].options.options);
      const auto closure = closure_of(jobs[j].source, jobs[j].options);
      CHECK(canonical(files_of(closure)) == canonical(relevant(outcomes[j].opened)));
    }
  }
}

TEST_CASE("the toolkit's headers that NVRTC reads are in the closure") {
  NEEDS_NVRTC();
  if (toolkit().folders.size() < 2) CUJITSU_SKIP("there is no CCCL");
  std::vector<CompileJob> jobs;
  for (const auto* header :
       {"cuda_fp16.h", "cub/block/block_reduce.cuh", "cooperative_groups.h", "cuda/std/atomic", "mma.h"})
    for (const auto* option : {"--std=c++17", "--std=c++20"})
      jobs.push_back({"/", "#include <" + std::string(header) + ">\n__global__ void f() {}\n", {.options = {option}}});
  const auto outcomes = compile_traced(jobs);
  const InFolder there("/");
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    CAPTURE(jobs[j].source, outcomes[j].ptx.substr(0, 1000));
    const auto closure = closure_of(jobs[j].source, jobs[j].options);
    CHECK(closure.uncacheable == "");
    CHECK(outcomes[j].compiled);
    CHECK(without(relevant(outcomes[j].opened), files_of(closure)) == Paths());
    CHECK(without(relevant(outcomes[j].missing), absent_of(closure)) == Paths());
    WARN(jobs[j].source << ": " << outcomes[j].opened.size() << " read, " << closure.record.headers.size()
                        << " in the closure");
  }
}

TEST_CASE("after any change of a header exactly the programs that it concerns are told as changed") {
  NEEDS_NVRTC();
  const auto first = seed();
  int changed_programs = 0;
  int kept_programs = 0;
  for (std::uint64_t i = 0; i < 8; ++i) {
    HeaderTree tree(first + i, i % 2 == 0);
    std::vector<CompileJob> jobs;
    for (const auto& program : tree.programs()) jobs.push_back({tree.path(), program.source, program.options});
    auto before = compile_traced(jobs);
    const InFolder there(tree.path());
    for (int step = 0; step < 6; ++step) {
      std::vector<IncludeClosure> closures;
      for (const auto& job : jobs) closures.push_back(closure_of(job.source, job.options));
      const auto what = tree.mutate();
      CAPTURE(first, i, step, what);
      auto after = compile_traced(jobs);
      for (std::size_t j = 0; j < jobs.size(); ++j) {
        CAPTURE(j, jobs[j].source, jobs[j].options.options);
        std::string changed;
        const bool holds = still_holds(closures[j].record, changed);
        CAPTURE(changed);
        if (holds) {
          // Never stale: a compile from scratch gives the same.
          CHECK(before[j].ptx == after[j].ptx);
          CHECK(before[j].compiled == after[j].compiled);
        } else if (i % 2 == 1 && before[j].compiled) {
          // Never for nothing: a file that NVRTC read, or missed, is another one now.
          const bool concerns = before[j].ptx != after[j].ptx || before[j].opened != after[j].opened ||
                                before[j].missing != after[j].missing;
          CHECK(concerns);
        }
        (holds ? kept_programs : changed_programs) += 1;
      }
      before = std::move(after);
    }
  }
  CHECK(changed_programs > 10);
  CHECK(kept_programs > 10);
}
