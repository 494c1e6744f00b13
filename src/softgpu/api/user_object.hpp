// SPDX-License-Identifier: MIT
// User objects: what a graph keeps alive for its host functions.
#pragma once

#include "softgpu/api/types.hpp"

#include <mutex>

namespace cujitsu::softgpu::api {

/// The caller's references are counted here; graphs hold the object by shared_ptr. The user's function runs when the last
/// of both has gone: in whichever thread that is, as the driver promises none.
class UserObject {
 public:
  UserObject(void* data, HostFunction destroy, unsigned count) : data_(data), destroy_(destroy), count_(count) {}
  ~UserObject();
  UserObject(const UserObject&) = delete;
  UserObject& operator=(const UserObject&) = delete;

  void retain(unsigned count);
  /// Whether these were the caller's last; fails when they are more than there are.
  [[nodiscard]] bool release(unsigned count);

 private:
  void* const data_;
  const HostFunction destroy_;
  std::mutex mutex_;
  unsigned count_;
};

}  // namespace cujitsu::softgpu::api
