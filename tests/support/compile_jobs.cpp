// SPDX-License-Identifier: MIT
#include "support/compile_jobs.hpp"

#include "base/byte_stream.hpp"
#include "base/file.hpp"

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace cujitsu::test {
namespace {

void read_trace(const std::string& path, CompileOutcome& outcome) {
  std::string text;
  if (file::read(path, text) != 0) return;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto& list = line[0] == '+' ? outcome.opened : outcome.missing;
    const auto name = line.substr(1);
    if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  }
}

}  // namespace

std::vector<CompileOutcome> compile_traced(const std::vector<CompileJob>& jobs) {
  static int count = 0;
  const auto base =
      (std::filesystem::temp_directory_path() / fmt::format("cujitsu-jobs-{}-{}", ::getpid(), count++)).string();
  std::filesystem::create_directories(base);
  ByteWriter writer;
  writer.u64(jobs.size());
  for (const auto& job : jobs) {
    writer.text(job.folder);
    writer.text(job.source);
    writer.texts(job.options.options);
    writer.texts(job.options.include_dirs);
    writer.u64(job.options.headers.size());
    for (const auto& header : job.options.headers) {
      writer.text(header.name);
      writer.text(header.text);
    }
    writer.text(job.options.name);
    writer.u32(job.without_folders ? 1 : 0);
  }
  if (file::publish(base, "jobs", std::move(writer).bytes()) != 0)
    throw std::runtime_error("the jobs can not be written");
  const auto command = fmt::format("LD_PRELOAD='{}' '{}' '{}' >'{}/output' 2>&1 </dev/null", CUJITSU_FILE_TRACE_PATH,
                                   CUJITSU_COMPILE_CHILD_PATH, base, base);
  const int status = std::system(command.c_str());
  std::string text;
  if (status != 0 || file::read(base + "/results", text) != 0) {
    static_cast<void>(file::read(base + "/output", text));
    throw std::runtime_error(fmt::format("{} ended with {}: {}", command, status, text));
  }
  ByteReader reader(text);
  std::vector<CompileOutcome> outcomes(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    outcomes[i].compiled = reader.u32() != 0;
    outcomes[i].ptx = reader.text();
    read_trace(fmt::format("{}/trace{}", base, i), outcomes[i]);
  }
  std::filesystem::remove_all(base);
  return outcomes;
}

}  // namespace cujitsu::test
