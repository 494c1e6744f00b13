// SPDX-License-Identifier: MIT
#include <cujitsu/host_buffer.hpp>

#include "base/text.hpp"
#include "driver/capture_mode.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu {

struct HostBuffer::Allocation {
  void* data = nullptr;
  ContextHandle context = nullptr;
};

HostBuffer::HostBuffer(std::size_t bytes) : allocation_(std::make_unique<Allocation>()), size_(bytes) {
  allocation_->context = driver::ensure_context();
  if (bytes == 0) return;
  driver::check(driver::api().cuMemHostAlloc(&allocation_->data, bytes, driver::mem_host_alloc_portable),
                "cuMemHostAlloc",
                [&] { return fmt::format("{} ({} bytes) of page-locked memory", text::bytes(bytes), bytes); });
}

HostBuffer::~HostBuffer() { release(); }

HostBuffer::HostBuffer(HostBuffer&& other) noexcept
    : allocation_(std::move(other.allocation_)), size_(std::exchange(other.size_, 0)) {}

HostBuffer& HostBuffer::operator=(HostBuffer&& other) noexcept {
  if (this != &other) {
    release();
    allocation_ = std::move(other.allocation_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void* HostBuffer::data() const {
  if (allocation_ == nullptr) throw ArgumentError("the host buffer has been freed");
  return allocation_->data;
}

bool HostBuffer::is_freed() const noexcept { return allocation_ == nullptr; }

void HostBuffer::free() {
  if (allocation_ == nullptr) throw ArgumentError("the host buffer has been freed already");
  release();
}

void HostBuffer::release() noexcept {
  const auto allocation = std::exchange(allocation_, nullptr);
  if (allocation == nullptr || allocation->data == nullptr) return;
  const driver::ContextScope scope(allocation->context);
  if (scope.api() == nullptr) return;
  const driver::AllowedDuringCapture allowed(*scope.api());
  driver::report_failure(scope.api()->cuMemFreeHost(allocation->data), "cuMemFreeHost");
}

}  // namespace cujitsu
