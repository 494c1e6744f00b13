// SPDX-License-Identifier: MIT
#include "cache/failure_memo.hpp"

#include "base/byte_stream.hpp"
#include "base/log.hpp"
#include "cache/error_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cujitsu {
namespace {

constexpr int nvrtc_compilation = 6;  // NVRTC_ERROR_COMPILATION
constexpr std::uint32_t note_revision = 1;
constexpr std::size_t most_in_process = 64;  // a failure holds its program's source

// What NVRTC and ptxas say of causes that are not in the program. A program that has such words in its own messages is
// compiled again each time: that costs nothing but time.
constexpr std::array<std::string_view, 14> passing_causes{
    "open source file",  "read source file", "out of memory", "memory alloc",     "internal error",
    "internal compiler", "assertion",        "segmentation",  "signal",           "cancel",
    "time limit",        "timed out",        "no space left", "permission denied"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

}  // namespace

FailureMemo::FailureMemo(Milliseconds lifetime, Clock clock) : lifetime_(lifetime), clock_(std::move(clock)) {}

FailureMemo::Milliseconds FailureMemo::system_clock() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

bool FailureMemo::is_lasting(const CompileError& error) {
  // A wrong option is refused in no time, and may be one that names a file.
  if (error.code() != nvrtc_compilation) return false;
  const auto log = lower(error.log());
  return std::ranges::none_of(passing_causes,
                              [&](std::string_view cause) { return log.find(cause) != std::string::npos; });
}

void FailureMemo::remember(KernelCache::Store& store, const std::string& subject, const CompileError& error) noexcept {
  try {
    if (lifetime_ <= Milliseconds(0) || !is_lasting(error)) return;
    Failure failure{clock_(), error.what(), error.details()};
    store.save_note(note_subject(subject), encode(subject, failure));
    auto& state = state_.get();
    const std::lock_guard lock(state.mutex);
    std::erase_if(state.failures, [&](const auto& item) { return !is_fresh(item.second, failure.time); });
    if (state.failures.size() >= most_in_process)
      state.failures.erase(
          std::ranges::min_element(state.failures, {}, [](const auto& item) { return item.second.time; }));
    state.failures.insert_or_assign(subject, std::move(failure));
  } catch (...) {
    log::debug("no memory to remember an error");
  }
}

std::optional<CompileError> FailureMemo::find_in_process(const std::string& subject) {
  if (lifetime_ <= Milliseconds(0)) return std::nullopt;
  auto& state = state_.get();
  const auto now = clock_();
  const std::lock_guard lock(state.mutex);
  const auto at = state.failures.find(subject);
  if (at == state.failures.end()) return std::nullopt;
  if (is_fresh(at->second, now)) return remembered(at->second, now);
  state.failures.erase(at);
  return std::nullopt;
}

std::optional<CompileError> FailureMemo::find_in_folder(KernelCache::Store& store, const std::string& subject) {
  if (lifetime_ <= Milliseconds(0)) return std::nullopt;
  const auto name = note_subject(subject);
  const auto note = store.load_note(name);
  if (!note) return std::nullopt;
  try {
    auto failure = decode(*note, subject);
    if (!failure) return std::nullopt;
    if (const auto now = clock_(); is_fresh(*failure, now)) return remembered(std::move(*failure), now);
  } catch (const FormatError& error) {
    log::debug("a remembered error can not be read ({}): it is removed", error.what());
  }
  store.remove_note(name);
  return std::nullopt;
}

bool FailureMemo::is_fresh(const Failure& failure, Milliseconds now) const {
  // One from the future is of a host with another clock, or from before ours was set back.
  return failure.time <= now && now - failure.time < lifetime_;
}

CompileError FailureMemo::remembered(Failure failure, Milliseconds now) {
  const auto note = fmt::format(
      "This error is {:.1f} s old: it was remembered, and NVRTC was not run again for the same program. "
      "CUJITSU_CACHE_FAILURES=0 compiles it each time.",
      std::chrono::duration<double>(now - failure.time).count());
  failure.message += '\n' + note;
  if (!failure.details.hint.empty()) failure.details.hint += '\n';
  failure.details.hint += note;
  return {failure.message, std::move(failure.details)};
}

std::string FailureMemo::encode(const std::string& subject, const Failure& failure) {
  ByteWriter writer;
  writer.u32(note_revision);
  writer.text(subject);
  writer.i64(failure.time.count());
  write_compile_error(writer, failure.message, failure.details);
  return std::move(writer).bytes();
}

std::optional<FailureMemo::Failure> FailureMemo::decode(std::string_view note, std::string_view subject) {
  ByteReader reader(note);
  if (reader.u32() != note_revision) throw FormatError("another revision");
  if (reader.text() != subject) return std::nullopt;  // its hash is the same
  Failure failure;
  failure.time = Milliseconds(reader.i64());
  const auto error = read_compile_error(reader);
  failure.message = error.what();
  failure.details = error.details();
  reader.finish();
  return failure;
}

}  // namespace cujitsu
