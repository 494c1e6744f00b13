// SPDX-License-Identifier: MIT
// User objects, and the references that graphs have to them.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/user_object.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu::api {

UserObject::~UserObject() {
  call_host_function([this] { destroy_(data_); });
}

void UserObject::retain(unsigned count) {
  const std::lock_guard lock(mutex_);
  count_ += count;
}

bool UserObject::release(unsigned count) {
  const std::lock_guard lock(mutex_);
  if (count > count_) fail(result::invalid_value, fmt::format("the caller has {} references, not {}", count_, count));
  count_ -= count;
  return count_ == 0;
}

namespace {

std::shared_ptr<UserObject> object_of(UserObjectHandle handle) {
  auto object = registries().user_objects.find(handle);
  if (object == nullptr)
    fail(result::invalid_value, fmt::format("{} is no user object of the caller", static_cast<const void*>(handle)));
  return object;
}

void check_count(unsigned count) {
  if (count == 0) fail(result::invalid_value, "the number of references is 0");
}

void release(UserObjectHandle handle, unsigned count) {
  // Graphs that still hold it need no handle; the registry's reference stands for those of the caller.
  if (object_of(handle)->release(count)) registries().user_objects.remove(handle);
}

}  // namespace

extern "C" {

Result cuUserObjectCreate(UserObjectHandle* handle, void* data, HostFunction destroy, unsigned count, unsigned flags) {
  return answer("cuUserObjectCreate", [&] {
    check_pointer(handle, "the object");
    if (destroy == nullptr) fail(result::invalid_value, "the destructor is null");
    check_count(count);
    if (flags != 1) fail(result::invalid_value, "the flags are not CU_USER_OBJECT_NO_DESTRUCTOR_SYNC");
    *handle = registries().user_objects.add(std::make_shared<UserObject>(data, destroy, count));
  });
}

Result cuUserObjectRetain(UserObjectHandle handle, unsigned count) {
  return answer("cuUserObjectRetain", [&] {
    check_count(count);
    object_of(handle)->retain(count);
  });
}

Result cuUserObjectRelease(UserObjectHandle handle, unsigned count) {
  return answer("cuUserObjectRelease", [&] {
    check_count(count);
    release(handle, count);
  });
}

Result cuGraphRetainUserObject(GraphHandle graph_handle, UserObjectHandle handle, unsigned count, unsigned flags) {
  return answer("cuGraphRetainUserObject", [&] {
    check_count(count);
    if (flags > 1) fail(result::invalid_value, fmt::format("{:#x} are no flags of this call", flags));
    const auto graph = graph_of(graph_handle);
    const auto object = object_of(handle);
    if (flags == 1) release(handle, count);  // the references move
    const std::lock_guard lock(graph->mutex);
    graph->objects.insert(graph->objects.end(), count, object);
  });
}

Result cuGraphReleaseUserObject(GraphHandle graph_handle, UserObjectHandle handle, unsigned count) {
  return answer("cuGraphReleaseUserObject", [&] {
    check_count(count);
    const auto graph = graph_of(graph_handle);
    const auto object = object_of(handle);
    const std::lock_guard lock(graph->mutex);
    auto& objects = graph->objects;
    if (static_cast<std::size_t>(std::count(objects.begin(), objects.end(), object)) < count)
      fail(result::invalid_value, fmt::format("the graph has not {} references to the object", count));
    for (; count > 0; --count) objects.erase(std::find(objects.begin(), objects.end(), object));
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
