// SPDX-License-Identifier: MIT
// CUlinkState
#pragma once

#include "softgpu/api/load.hpp"
#include "softgpu/engine/link.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace cujitsu::softgpu::api {

class Linking {
 public:
  /// The options' buffers and the array of values are used until the state is destroyed.
  Linking(unsigned count, const int* options, void** values) : log_(count, options, values) {}

  /// Fails with what the driver answers; see Link::add.
  void add(const std::string& name, std::string text);
  /// The image, which lives as long as this. Once only.
  [[nodiscard]] const std::string& complete();
  [[nodiscard]] JitLog& log() noexcept { return log_; }

 private:
  void check(const LoadedModule::Error& error);

  std::mutex mutex_;
  JitLog log_;
  std::unique_ptr<Link> link_ = Link::make();
  std::optional<std::string> image_;
};

}  // namespace cujitsu::softgpu::api
