// SPDX-License-Identifier: MIT
// Where this process keeps precompiled headers, and who makes them.
#pragma once

#include "compile/pch_folder.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

namespace cujitsu::compiler {

/// The folder of this process's precompiled headers, made by the first call, for its owner alone, and removed when the
/// process exits; empty when it can not be made, which is said once at debug level. A forked child makes its own.
[[nodiscard]] std::string pch_root();

/// For a worker process: its folder is made in `folder`, which its parent removes. Empty: as usual.
void set_pch_parent(const std::string& folder);

/// Removes what killed worker processes have left in pch_root().
void remove_left_behind_by_workers();

/// One folder for each fingerprint, whose headers one compile makes while the others wait. Any thread.
class PchPlaces {
 public:
  enum class State {
    empty,   ///< the next compile makes them
    making,  ///< one compile does, others wait
    ready,
    bad,  ///< they can not be made, or change what is logged
  };
  /// What the caller may do there.
  struct Turn {
    std::string folder;
    bool makes = false;  ///< then it calls settle
  };

  /// This process's own: a forked child begins with none, and leaves the parent's folder alone. Never destroyed.
  [[nodiscard]] static PchPlaces& of_this_process();

  /// Waits while another thread makes these. Nothing where they can not be had.
  [[nodiscard]] std::optional<Turn> take(const std::string& fingerprint);
  /// The end of a turn that makes: what it has become. All but `ready` removes the folder.
  void settle(const std::string& fingerprint, State state);
  /// What was made has become useless, there or everywhere: it is made again.
  void forget_ready(const std::string& fingerprint, const std::string& folder);
  void forget_ready();

  /// Shared while NVRTC uses the precompiled headers' heap; exclusive while that is replaced.
  [[nodiscard]] std::shared_mutex& heap() noexcept { return heap_; }

  // The functions above.
  [[nodiscard]] std::string root();
  void set_parent(const std::string& folder);
  void remove_root();

 private:
  struct Place {
    State state = State::empty;
    std::string folder;
    int attempts = 0;
  };
  [[nodiscard]] const std::string& root_locked();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string parent_;
  std::unique_ptr<PchFolder> root_;
  bool has_tried_root_ = false;
  std::map<std::string, Place> places_;
  unsigned made_ = 0;
  std::shared_mutex heap_;
};

}  // namespace cujitsu::compiler
