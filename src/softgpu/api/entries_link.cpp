// SPDX-License-Identifier: MIT
// cuLink*: PTX only. The image that comes out is the texts of all units, for cuModuleLoadData and cuLibraryLoadData.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/linker.hpp"

#include <fmt/format.h>

#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

enum InputType : int { library = 4, type_count = 6 };

/// Never destroyed, as registries().
Registry<void*, Linking, 12>& linkings() {
  static auto* all = new Registry<void*, Linking, 12>;
  return *all;
}

std::shared_ptr<Linking> linking_of(void* handle) {
  auto linking = linkings().find(handle);
  if (linking == nullptr) fail(result::invalid_handle, fmt::format("{} is no link state", handle));
  return linking;
}

/// The driver goes by what the data is, not by what it is said to be (580.159.04).
void check_type(int type) {
  if (type < 0 || type >= type_count) fail(result::invalid_value, fmt::format("{} is no input type", type));
  if (type == library) fail(result::not_supported, "linking object libraries is not supported: softgpu links PTX");
}

}  // namespace

extern "C" {

Result cuLinkCreate_v2(unsigned count, int* options, void** values, void** state) {
  return answer_in_context("cuLinkCreate", [&](Context&) {
    check_pointer(state, "the link state");
    *state = linkings().add(std::make_shared<Linking>(count, options, values));
  });
}

Result cuLinkAddData_v2(void* state, int type, void* data, std::size_t bytes, const char* name, unsigned count,
                        int* options, void** values) {
  return answer_in_context("cuLinkAddData", [&](Context&) {
    const auto linking = linking_of(state);
    check_type(type);
    check_pointer(data, "the data");
    const JitLog own(count, options, values);
    const auto* text = static_cast<const char*>(data);
    linking->add(name == nullptr ? "<input>" : name, text_of_image(std::string(text, bytes).c_str(), linking->log()));
  });
}

Result cuLinkAddFile_v2(void* state, int type, const char* path, unsigned count, int* options, void** values) {
  return answer_in_context("cuLinkAddFile", [&](Context&) {
    const auto linking = linking_of(state);
    check_type(type);
    const JitLog own(count, options, values);
    auto text = text_of_file(path, linking->log());
    linking->add(path, std::move(text));
  });
}

Result cuLinkComplete(void* state, void** image, std::size_t* bytes) {
  return answer_in_context("cuLinkComplete", [&](Context&) {
    check_pointer(image, "the image");
    const auto& text = linking_of(state)->complete();
    *image = const_cast<char*>(text.c_str());  // the driver's own type; nobody may write to it
    if (bytes != nullptr) *bytes = text.size() + 1;
  });
}

Result cuLinkDestroy(void* state) {
  return answer("cuLinkDestroy", [&] {
    (void)linking_of(state);
    linkings().remove(state);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
