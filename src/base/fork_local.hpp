// SPDX-License-Identifier: MIT
// State that a forked child must not take over: counts that the parent tells of, threads that only the parent has, and
// mutexes that another thread of the parent's may have held.
#pragma once

#include <atomic>
#include <memory>

namespace cujitsu {

/// Another number in each forked child. The handler that counts is installed when first asked, so that nothing happens
/// at import.
[[nodiscard]] unsigned fork_generation() noexcept;

namespace fork_local {

/// What a child has of its parent's and neither uses nor destroys. It stays reachable, which a leak checker asks for.
struct Inherited {
  Inherited* next = nullptr;
};
inline std::atomic<Inherited*> inherited{nullptr};

inline void keep(Inherited* node) noexcept {
  node->next = inherited.load(std::memory_order_relaxed);
  while (!inherited.compare_exchange_weak(node->next, node, std::memory_order_release, std::memory_order_relaxed)) {}
}

}  // namespace fork_local

/// One T for each process. A child's is new; its parent's is left as it is, never destroyed in the child. Any thread.
template <class T>
class ForkLocal {
 public:
  ForkLocal() { static_cast<void>(get()); }
  ForkLocal(const ForkLocal&) = delete;
  ForkLocal& operator=(const ForkLocal&) = delete;
  ~ForkLocal() {
    auto* const node = node_.load(std::memory_order_acquire);
    if (node->generation == fork_generation()) {
      delete node;
    } else {
      fork_local::keep(node);
    }
  }

  [[nodiscard]] T& get() {
    auto* node = node_.load(std::memory_order_acquire);
    const auto now = fork_generation();
    if (node != nullptr && node->generation == now) return node->value;
    auto fresh = std::make_unique<Node>(now);
    // Where another thread was quicker, `node` is what it has made.
    auto* const before = node;
    if (!node_.compare_exchange_strong(node, fresh.get(), std::memory_order_acq_rel)) return node->value;
    if (before != nullptr) fork_local::keep(before);
    return fresh.release()->value;
  }

  /// False for what get() returned before this process was forked.
  [[nodiscard]] bool is_current(const T& value) const noexcept {
    const auto* const node = node_.load(std::memory_order_acquire);
    return node != nullptr && &node->value == &value && node->generation == fork_generation();
  }

 private:
  struct Node : fork_local::Inherited {
    explicit Node(unsigned made_in) : generation(made_in) {}
    unsigned generation;
    T value{};
  };
  std::atomic<Node*> node_{nullptr};
};

}  // namespace cujitsu
