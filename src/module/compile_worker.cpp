// SPDX-License-Identifier: MIT
// The inside of a worker process.
#include <cujitsu/compile_worker.hpp>

#include "base/byte_stream.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "compile/compiler.hpp"
#include "compile/pch_places.hpp"
#include "module/worker_protocol.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <mutex>

namespace cujitsu {
namespace {

bool read_exactly(int descriptor, char* bytes, std::size_t count) {
  while (count > 0) {
    const auto got = ::read(descriptor, bytes, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto wrote = ::write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

bool send_message(int descriptor, std::string_view message) {
  return write_all(descriptor, worker::encode_length(message.size())) && write_all(descriptor, message);
}

bool receive_message(int descriptor, std::string& message) {
  std::string length(8, '\0');
  if (!read_exactly(descriptor, length.data(), length.size())) return false;
  const auto bytes = worker::decode_length(length);
  if (bytes > worker::max_message_bytes) return false;
  message.resize(bytes);
  return read_exactly(descriptor, message.data(), message.size());
}

/// What is logged while one request is answered, for the parent to log.
class Messages {
 public:
  Messages() {
    set_log_sink([this](LogLevel level, std::string_view text) { messages_.emplace_back(level, text); });
  }
  ~Messages() { set_log_sink({}); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  std::vector<std::pair<LogLevel, std::string>> take() { return std::move(messages_); }

 private:
  std::vector<std::pair<LogLevel, std::string>> messages_;
};

/// The parent may have gone elsewhere since this worker was started, and its relative paths with it.
void enter(const std::string& folder) {
  if (folder.empty() || ::chdir(folder.c_str()) == 0) return;
  throw Error(fmt::format("a worker process can not enter the current folder, {}, from where relative paths count: {}",
                          folder, file::error_text(errno)));
}

worker::Answer answer(const worker::Request& request) {
  worker::Answer result;
  Messages messages;
  set_log_level(request.log_level);
  try {
    enter(request.current_folder);
    compiler::set_pch_parent(request.pch_folder);
    nvrtc::Toolkit toolkit;
    toolkit.library = request.nvrtc_library;
    toolkit.builtins = request.nvrtc_builtins;
    toolkit.major = request.nvrtc_major;
    toolkit.minor = request.nvrtc_minor;
    result.code = compiler::run_here({nvrtc::load(toolkit), request.source, request.options, request.arch,
                                      request.nvrtc_options, request.leading ? &*request.leading : nullptr});
  } catch (...) {
    result.error = std::current_exception();
  }
  result.messages = messages.take();
  return result;
}

/// For parents whose libc can not do it between fork and exec.
void close_foreign_descriptors() {
  const auto most = ::sysconf(_SC_OPEN_MAX);
  for (int each = 3; each < std::clamp<long>(most, 256, 65536); ++each) ::close(each);
}

/// Ends with the parent: the kernel's signal reaches a worker in the middle of a compile too.
bool end_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return ::getppid() == parent;  // else it has gone before the line above
}

int serve(int input, int output) {
  if (!send_message(output, worker::greeting())) return 0;
  std::string message;
  while (receive_message(input, message))
    if (!send_message(output, worker::encode(answer(worker::decode_request(message))))) return 0;
  return 0;
}

}  // namespace

int run_compile_worker(const std::vector<std::string>& arguments) {
  try {
    for (const auto& argument : arguments) {
      constexpr std::string_view parent = "--parent=";
      if (argument == "--close-descriptors") {
        close_foreign_descriptors();
      } else if (argument.starts_with(parent)) {
        pid_t pid = 0;
        std::from_chars(argument.data() + parent.size(), argument.data() + argument.size(), pid);
        if (!end_with_parent(pid)) return 0;
      }
    }
    // What libraries print must not get between the messages.
    const int output = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (output < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return 1;
    ::signal(SIGPIPE, SIG_IGN);
    return serve(STDIN_FILENO, output);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cujitsu worker: %s\n", error.what());
    return 1;
  }
}

}  // namespace cujitsu
