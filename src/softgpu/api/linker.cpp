// SPDX-License-Identifier: MIT
#include "softgpu/api/linker.hpp"

namespace cujitsu::softgpu::api {

void Linking::check(const LoadedModule::Error& error) {
  if (error.code == 0) return;
  log_.error(error.log);
  fail(error.code, error.log);
}

void Linking::add(const std::string& name, std::string text) {
  const std::lock_guard lock(mutex_);
  if (image_) fail(result::invalid_value, "the link is complete");
  check(link_->add(name, std::move(text)));
}

const std::string& Linking::complete() {
  const std::lock_guard lock(mutex_);
  if (image_) fail(result::invalid_handle, "the link is complete already");
  std::string image;
  check(link_->finish(image));
  return image_.emplace(std::move(image));
}

}  // namespace cujitsu::softgpu::api
