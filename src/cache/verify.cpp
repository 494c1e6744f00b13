// SPDX-License-Identifier: MIT
// Every file of the cache read and checked.
#include "base/file.hpp"
#include "cache/checked_entry.hpp"
#include "cache/store.hpp"
#include "cache/trust.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace cujitsu {
namespace {

struct Verdict {
  std::string problem;  ///< empty when all is well
  bool is_damaged = false;
  bool is_gone = false;
};

/// `check` throws FormatError.
template <class Check>
Verdict verdict_on(const std::string& path, bool is_in_seed, const Check& check) {
  std::string content;
  file::Status status;
  if (const int error = file::read(path, content, &status)) {
    if (error == ENOENT || error == ESTALE) return {{}, false, true};  // removed since the folder was listed
    return {fmt::format("can not be read ({})", file::error_text(error)), false, false};
  }
  if (is_in_seed)
    if (auto distrust = distrust_of_file(status); !distrust.empty()) return {std::move(distrust), false, false};
  try {
    check(content);
  } catch (const AuthenticationError& error) {
    return {error.what(), false, false};
  } catch (const FormatError& error) {
    return {fmt::format("damaged ({})", error.what()), true, false};
  }
  return {};
}

}  // namespace

VerifyReport KernelCache::Store::verify(const VerifyOptions& options) {
  VerifyReport report;
  const auto take = [&](const std::string& key, const std::string& path, bool is_in_seed, Verdict verdict) {
    if (verdict.problem.empty()) return;
    CacheProblem problem{key, path, std::move(verdict.problem), verdict.is_damaged, false};
    if (options.remove_damaged && problem.damaged && !is_in_seed) {
      const int error = file::remove(path);
      problem.removed = error == 0;
      if (error != 0 && error != ENOENT) problem.problem += ", and can not be removed: " + file::error_text(error);
    }
    report.problems.push_back(std::move(problem));
  };

  for (auto& seed : unreadable_seeds()) report.problems.push_back({{}, seed.root, std::move(seed.problem)});
  for (const auto& entry : all_entries()) {
    auto verdict = verdict_on(entry.path, entry.is_in_seed, [&](std::string_view content) {
      static_cast<void>(check_name(decode_entry(content, frame_key()), entry.key));
    });
    if (verdict.is_gone) continue;
    ++report.entries;
    report.bytes += entry.bytes;
    take(entry.key, entry.path, entry.is_in_seed, std::move(verdict));
  }
  if (!can_be_asked(root_)) return report;
  for (const auto& note : layout::contents(root_.folder()).notes)
    take({}, note.path, false, verdict_on(note.path, false, [&](std::string_view content) {
           static_cast<void>(Frame(note_kind, content, frame_key()).section(note_section));
         }));
  return report;
}

}  // namespace cujitsu
