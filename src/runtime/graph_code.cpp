// SPDX-License-Identifier: MIT
#include "runtime/graph_code.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cujitsu::graph_code {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<FunctionHandle, const std::string*> names;
  std::vector<std::weak_ptr<Uses>> users;
};

Registry& registry() {
  static auto* instance = new Registry;  // never destroyed: graphs of static storage may outlive it
  return *instance;
}

}  // namespace

void note(FunctionHandle function, const std::string* name) {
  const std::lock_guard lock(registry().mutex);
  registry().names[function] = name;
}

void forget(std::span<const FunctionHandle> functions) noexcept {
  const std::lock_guard lock(registry().mutex);
  for (const auto function : functions) registry().names.erase(function);
}

const std::string* name_of(FunctionHandle function) noexcept {
  const std::lock_guard lock(registry().mutex);
  const auto found = registry().names.find(function);
  return found == registry().names.end() ? nullptr : found->second;
}

std::shared_ptr<Uses> Uses::make() {
  auto uses = std::make_shared<Uses>();
  const std::lock_guard lock(registry().mutex);
  std::erase_if(registry().users, [](const auto& user) { return user.expired(); });
  registry().users.push_back(uses);
  return uses;
}

void Uses::set_functions(std::set<FunctionHandle> functions) {
  const std::lock_guard lock(mutex_);
  functions_ = std::move(functions);
  everything_ = false;
}

void Uses::add(FunctionHandle function) {
  const std::lock_guard lock(mutex_);
  functions_.insert(function);
}

bool Uses::may_run(std::span<const FunctionHandle> functions) const {
  return everything_ ||
         std::ranges::any_of(functions, [&](FunctionHandle function) { return functions_.contains(function); });
}

void retire(const std::shared_ptr<const void>& code, std::span<const FunctionHandle> functions) {
  std::vector<std::shared_ptr<Uses>> users;
  {
    const std::lock_guard lock(registry().mutex);
    for (const auto& weak : registry().users)
      if (auto user = weak.lock()) users.push_back(std::move(user));
  }
  for (const auto& user : users) {
    const std::lock_guard lock(user->mutex_);
    if (user->may_run(functions)) user->kept_.push_back(code);
  }
}

}  // namespace cujitsu::graph_code
