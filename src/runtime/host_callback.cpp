// SPDX-License-Identifier: MIT
// Stream::add_callback: who owns the function until it has run, and while a graph may run it.
#include "base/log.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"
#include "runtime/capture_info.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stream.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace cujitsu {
namespace {

using driver::api;
using driver::check;
using Function = std::function<void()>;

// The driver's threads call these three, and an exception that leaves one would end the process.

void call(const Function& function) noexcept {
  try {
    try {
      function();
    } catch (const std::exception& error) {
      log::error("a host callback threw: {}", error.what());
    } catch (...) {
      log::error("a host callback threw something that is no std::exception");
    }
  } catch (...) {  // the error's text could not be made: out of memory
  }
}

void call_each_time(void* data) noexcept { call(*static_cast<const Function*>(data)); }

void call_once(void* data) noexcept {
  const std::unique_ptr<const Function> function(static_cast<const Function*>(data));
  call(*function);
}

void destroy(void* data) noexcept { delete static_cast<const Function*>(data); }

void add_to_graph(StreamHandle stream, GraphHandle graph, std::unique_ptr<Function> function) {
  if (!api().has_user_objects())
    throw DriverError(
        "this driver has no user objects (CUDA 11.3), so that a graph could not keep the function alive: add the "
        "callback to the stream that the graph is launched in instead, after the launch",
        {.code = driver::result::not_supported,
         .name = "CUDA_ERROR_NOT_SUPPORTED",
         .call = "cuUserObjectCreate",
         .object = {}});
  driver::UserObjectHandle object = nullptr;
  check(api().cuUserObjectCreate(&object, function.get(), destroy, 1, driver::user_object_no_destructor_sync),
        "cuUserObjectCreate");
  auto* const data = function.release();  // the object's now
  struct Reference {
    driver::UserObjectHandle object;
    ~Reference() { driver::report_failure(api().cuUserObjectRelease(object, 1), "cuUserObjectRelease"); }
  } const ours{object};
  check(api().cuGraphRetainUserObject(graph, object, 1, 0), "cuGraphRetainUserObject");
  check(api().cuLaunchHostFunc(stream, call_each_time, data), "cuLaunchHostFunc");
}

}  // namespace

void Stream::add_callback(std::function<void()> function) const {
  if (!function) throw ArgumentError("Stream::add_callback: the function is empty");
  driver::ensure_context();
  auto owned = std::make_unique<Function>(std::move(function));
  if (const auto capture = capture_info(handle()); capture.is_active)
    return add_to_graph(handle(), capture.graph, std::move(owned));
  check(api().cuLaunchHostFunc(handle(), call_once, owned.get()), "cuLaunchHostFunc");
  static_cast<void>(owned.release());  // call_once has it
}

}  // namespace cujitsu
