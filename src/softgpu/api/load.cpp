// SPDX-License-Identifier: MIT
#include "softgpu/api/load.hpp"

#include "softgpu/api/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

namespace cujitsu::softgpu::api {
namespace {

enum JitOption : int {
  wall_time = 2,
  info_log = 3,
  info_log_bytes = 4,
  error_log = 5,
  error_log_bytes = 6,
  option_count = 35
};

constexpr const char* not_recognised = "error   : Binary format for key='0', ident='' is not recognized";

}  // namespace

JitLog::JitLog(unsigned count, const int* options, void** values) {
  if (count != 0 && (options == nullptr || values == nullptr)) fail(result::invalid_value, "the JIT options are null");
  for (unsigned i = 0; i < count; ++i) {
    switch (options[i]) {
      case wall_time: wall_time_ = &values[i]; break;
      case info_log: info_.data = static_cast<char*>(values[i]); break;
      case info_log_bytes: info_.size_out = &values[i]; break;
      case error_log: error_.data = static_cast<char*>(values[i]); break;
      case error_log_bytes: error_.size_out = &values[i]; break;
      default:
        // The rest tune a compiler that does not exist here, so that any value of theirs is met.
        if (options[i] < 0 || options[i] >= option_count)
          fail(result::invalid_value, fmt::format("{} is no JIT option", options[i]));
    }
  }
  for (auto* buffer : {&error_, &info_}) {
    if (buffer->size_out == nullptr) continue;
    buffer->bytes = reinterpret_cast<std::uintptr_t>(*buffer->size_out) & 0xffffffff;
    if (buffer->data != nullptr && buffer->bytes != 0) buffer->data[0] = '\0';
  }
}

JitLog::~JitLog() {
  for (auto* buffer : {&error_, &info_})
    if (buffer->size_out != nullptr) *buffer->size_out = reinterpret_cast<void*>(buffer->written);
  if (wall_time_ != nullptr) {
    const std::chrono::duration<float, std::milli> spent = Ticket::Clock::now() - begin_;
    const float milliseconds = spent.count();
    std::memcpy(wall_time_, &milliseconds, sizeof milliseconds);
  }
}

void JitLog::Buffer::write(const std::string& text) {
  if (data == nullptr || bytes <= written + 1) return;
  const std::size_t length = std::min(text.size(), bytes - written - 1);
  std::memcpy(data + written, text.data(), length);
  written += length;
  data[written] = '\0';
  if (size_out != nullptr) *size_out = reinterpret_cast<void*>(written);
}

void JitLog::error(const std::string& text) { error_.write(text); }
void JitLog::info(const std::string& text) { info_.write(text); }

std::string text_of_image(const void* image, JitLog& log) {
  check_pointer(image, "the image");
  const auto* bytes = static_cast<const unsigned char*>(image);
  const auto starts_with = [&](std::initializer_list<unsigned char> magic) {
    // Byte by byte: a shorter image ends in a zero, which no magic number has in front of its end.
    std::size_t i = 0;
    return std::all_of(magic.begin(), magic.end(), [&](unsigned char byte) { return bytes[i++] == byte; });
  };
  if (starts_with({0x7f, 'E', 'L', 'F'})) {
    const std::string text = "the image is a cubin: machine code of a GPU. The software device needs PTX";
    log.error(text);
    fail(result::no_binary_for_gpu, text);
  }
  if (starts_with({0xb1, 0x43, 0x62, 0x46}) || starts_with({0x50, 0xed, 0x55, 0xba})) {
    const std::string text = "the image is a fat binary. The software device needs PTX";
    log.error(text);
    fail(result::no_binary_for_gpu, text);
  }
  std::string text(static_cast<const char*>(image));
  // Comments may come first, but no PTX is without a .version.
  if (text.find(".version") == std::string::npos) {
    log.error(not_recognised);
    fail(result::invalid_image,
         std::string("the image is neither PTX nor anything else that is known: ") + not_recognised);
  }
  return text;
}

std::string text_of_file(const char* path, JitLog& log) {
  check_pointer(path, "the file name");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf())) fail(result::file_not_found, fmt::format("'{}' can not be read", path));
  return text_of_image(std::move(content).str().c_str(), log);
}

std::shared_ptr<Module> load_module(Context& context, const std::string& text, bool of_library, JitLog* log) {
  LoadedModule::Error error;
  auto loaded = LoadedModule::load(text, context.device.memory, error);
  if (loaded == nullptr) {
    if (log != nullptr) log->error(error.log);
    fail(error.code == 0 ? result::unknown : error.code, error.log);
  }
  if (log != nullptr)
    log->info(fmt::format("info    : {} kernels loaded for the software device", loaded->kernel_names().size()));
  auto module = std::make_shared<Module>();
  module->context = context.weak_from_this();
  module->loaded = std::move(loaded);
  module->of_library = of_library;
  module->self = module;
  module->handle = registries().modules.add(module);
  return module;
}

}  // namespace cujitsu::softgpu::api
