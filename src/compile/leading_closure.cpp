// SPDX-License-Identifier: MIT
#include "compile/leading_closure.hpp"

#include "base/fork_local.hpp"
#include "compile/pch_fingerprint.hpp"
#include "compile/pch_prefix.hpp"

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr std::size_t most_known = 32;  // of CUB, each takes some 300 KB

struct Known {
  std::mutex mutex;
  std::map<std::string, ClosureRecord> closures;  ///< by what was asked for
};

Known& known() {
  static auto* const instance = new ForkLocal<Known>;  // never destroyed: any thread, at any time
  return instance->get();
}

std::optional<ClosureRecord> recall(Known& here, const std::string& key) {
  const std::lock_guard lock(here.mutex);
  const auto found = here.closures.find(key);
  if (found == here.closures.end()) return std::nullopt;
  return found->second;
}

void remember(Known& here, const std::string& key, const ClosureRecord& closure) {
  const std::lock_guard lock(here.mutex);
  if (here.closures.size() >= most_known) here.closures.clear();
  here.closures.insert_or_assign(key, closure);
}

}  // namespace

std::optional<ClosureRecord> leading_closure(std::string_view source, const ClosureRequest& request) {
  const auto prefix = pch_prefix(source);
  if (!prefix) return std::nullopt;
  const auto text = source.substr(0, prefix->bytes);
  auto all_options = request.nvrtc_options;
  for (const auto& folder : request.toolkit_dirs) all_options.push_back("--include-path=" + folder);
  // Where the same was asked for, a closure that holds is the one that would be found.
  const auto key = pch_fingerprint(text, request.options, all_options, {});
  if (!key) return std::nullopt;
  auto& here = known();
  if (auto closure = recall(here, *key)) {
    std::string changed;
    if (refresh(*closure, changed)) return closure;
  }
  auto leading = request;
  leading.leading_bytes = text.size();
  auto found = find_closure(text, leading);
  if (found.leading) remember(here, *key, *found.leading);
  return std::move(found.leading);
}

}  // namespace cujitsu::compiler
