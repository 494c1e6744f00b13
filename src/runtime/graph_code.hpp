// SPDX-License-Identifier: MIT
// Which loaded code graphs may still run: what keeps a module loaded after its last Kernel has gone.
//
// A launch tells the driver nothing of who owns the code, and a table on the launch path would cost every launch. So the
// question is asked from the other end, when code is about to be unloaded: graphs know the functions of their nodes.
#pragma once

#include <cujitsu/handles.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace cujitsu::graph_code {

/// Gives a function (what cuLaunchKernel takes) the name that a user knows, until forget(). `name` lives until the
/// process ends. Any thread.
void note(FunctionHandle function, const std::string* name);
void forget(std::span<const FunctionHandle> functions) noexcept;
/// nullptr for a function that was not noted.
[[nodiscard]] const std::string* name_of(FunctionHandle function) noexcept;

/// What one capture, and then its graph and all that is made of it, may run. Any thread.
class Uses {
 public:
  /// Until set_functions() is called, as nothing is known yet: every function.
  [[nodiscard]] static std::shared_ptr<Uses> make();

  void set_functions(std::set<FunctionHandle> functions);
  void add(FunctionHandle function);

 private:
  friend void retire(const std::shared_ptr<const void>& code, std::span<const FunctionHandle> functions);
  [[nodiscard]] bool may_run(std::span<const FunctionHandle> functions) const;

  mutable std::mutex mutex_;
  bool everything_ = true;
  std::set<FunctionHandle> functions_;
  std::vector<std::shared_ptr<const void>> kept_;
};

/// Before `functions` are unloaded: `code` unloads them with its last reference, and whoever may run them takes one.
void retire(const std::shared_ptr<const void>& code, std::span<const FunctionHandle> functions);

}  // namespace cujitsu::graph_code
