// SPDX-License-Identifier: MIT
// From an image to a module, with the logs that JIT options ask for.
#pragma once

#include "softgpu/api/objects.hpp"

#include <memory>
#include <string>

namespace cujitsu::softgpu::api {

/// The buffers that the options of a load call name. The sizes and the time are written back when it goes.
class JitLog {
 public:
  JitLog(unsigned count, const int* options, void** values);
  JitLog(const JitLog&) = delete;
  JitLog& operator=(const JitLog&) = delete;
  ~JitLog();

  /// Each also writes back how much there is by now.
  void error(const std::string& text);
  void info(const std::string& text);

 private:
  struct Buffer {
    char* data = nullptr;
    std::size_t bytes = 0;
    void** size_out = nullptr;
    void write(const std::string& text);
    std::size_t written = 0;
  };
  Buffer error_;
  Buffer info_;
  void** wall_time_ = nullptr;
  Ticket::Clock::time_point begin_ = Ticket::Clock::now();
};

/// The PTX in an image; fails with what a driver answers to anything else.
[[nodiscard]] std::string text_of_image(const void* image, JitLog& log);
[[nodiscard]] std::string text_of_file(const char* path, JitLog& log);

/// Loads and registers. Fails with the load error, its log in the message and in `log`.
[[nodiscard]] std::shared_ptr<Module> load_module(Context& context, const std::string& text, bool of_library,
                                                  JitLog* log = nullptr);

}  // namespace cujitsu::softgpu::api
