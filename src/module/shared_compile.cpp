// SPDX-License-Identifier: MIT
#include "module/shared_compile.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "cache/process_lock.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace cujitsu {
namespace {

using Outcome = ProcessLock::Outcome;

constexpr double longest_seconds = 1e6;  // some eleven days; further would overflow a clock

std::chrono::milliseconds seconds_from(const char* variable, std::chrono::milliseconds standard) {
  const auto text = environment_value(variable);
  if (!text) return standard;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error == std::errc() && end == text->data() + text->size() && seconds >= 0 && seconds <= longest_seconds)
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
  log::warning_once(fmt::format("cache: {}", variable), "{}={} is not a number of seconds from 0 to {:.0f}; taking {}",
                    variable, *text, longest_seconds, standard.count() / 1000);
  return standard;
}

/// The outcome is decided by these alone, within one folder.
std::string subject_of(const CacheKey& key, std::string_view variant) {
  std::string subject;
  subject.reserve(variant.size() + 1 + key.material.size());
  subject += variant;
  subject += '\n';
  subject += key.material;
  return subject;
}

std::string in_folder(const KernelCache::Store& store, const std::string& subject) {
  return store.path().native() + '\n' + subject;
}

}  // namespace

CompileSharing::Settings CompileSharing::Settings::from_environment() {
  Settings settings;
  settings.lock_timeout = seconds_from("CUJITSU_CACHE_LOCK_TIMEOUT", settings.lock_timeout);
  settings.failures = seconds_from("CUJITSU_CACHE_FAILURES", settings.failures);
  return settings;
}

CompileSharing::CompileSharing(const Settings& settings) : settings_(settings), failures_(settings.failures) {}

CompileSharing& CompileSharing::standard() {
  // Never destroyed: modules with a longer life may still compile while static destructors run.
  static auto* const instance = new CompileSharing(Settings::from_environment());
  return *instance;
}

CompiledCode CompileSharing::run(KernelCache::Store& store, const CacheKey& key, const SharedCompile& work) {
  const log::Deferral until_all_is_released;
  const auto subject = subject_of(key, work.variant);
  if (auto error = failures_.find_in_process(subject)) throw CompileError(std::move(*error));
  auto [code, waited] = flights_.run(in_folder(store, subject), [&](SingleFlight::Turn turn) {
    return compile_for_all(store, key, work, subject, turn);
  });
  if (!waited) return std::move(code);
  code.cache_status = CacheStatus::hit;
  code.cache_reason = "another thread of this process compiled it while this one waited";
  code.cache_key = key.hex;
  store.count_hit(code.seconds);
  return std::move(code);
}

CompiledCode CompileSharing::compile_for_all(KernelCache::Store& store, const CacheKey& key, const SharedCompile& work,
                                             const std::string& subject, SingleFlight::Turn turn) {
  std::optional<ProcessLock> lock;
  // Who runs alone is within a compile that has the lock already.
  if (turn == SingleFlight::Turn::runs_for_all)
    if (auto file = store.lock_file()) lock.emplace(std::move(*file), key.hex, settings_.lock_timeout);
  if (lock && lock->outcome() == Outcome::unavailable && log::first_time("cache: no locks " + store.path().native()))
    log::info("processes that compile the same at once do not wait for each other in {}: {}", store.path().native(),
              file::error_text(lock->error()));

  if (auto code = work.look_up()) {
    if (lock && lock->waited())
      code->cache_reason = "another process compiled it while this one waited: " + code->cache_reason;
    return std::move(*code);
  }
  auto error = failures_.find_in_process(subject);  // again: it may have failed just before this flight began
  if (!error) error = failures_.find_in_folder(store, subject);
  if (error) throw CompileError(std::move(*error));
  try {
    auto code = work.compile();
    if (lock && lock->outcome() == Outcome::timed_out)
      code.cache_reason += fmt::format("; another process was still compiling it after {:.3g} s",
                                       std::chrono::duration<double>(settings_.lock_timeout).count());
    return code;
  } catch (const CompileError& failure) {
    failures_.remember(store, subject, failure);
    throw;
  }
}

std::size_t CompileSharing::waiting(const KernelCache::Store& store, const CacheKey& key, std::string_view variant) {
  return flights_.waiting(in_folder(store, subject_of(key, variant)));
}

}  // namespace cujitsu
