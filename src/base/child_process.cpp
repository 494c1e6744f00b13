// SPDX-License-Identifier: MIT
#include "base/child_process.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

extern char** environ;  // NOLINT: POSIX's own, in no header

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define CUJITSU_HAS_CLOSEFROM 1
#endif
#endif

namespace cujitsu {
namespace {

using Clock = std::chrono::steady_clock;

/// The attributes of a spawn, freed at the end.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&actions_);
    // The socket is close-on-exec; its duplicates are not.
    ::posix_spawn_file_actions_adddup2(&actions_, socket, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, socket, STDOUT_FILENO);
#ifdef CUJITSU_HAS_CLOSEFROM
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
#endif
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    // Our threads block every signal, and the program may ignore some: the child begins with neither.
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD}) ::sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~SpawnSettings() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  int spawn(pid_t& pid, const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

bool ChildProcess::closes_descriptors() noexcept {
#ifdef CUJITSU_HAS_CLOSEFROM
  return true;
#else
  return false;
#endif
}

int ChildProcess::start(const std::vector<std::string>& command) {
  if (command.empty()) return ENOENT;
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return errno;
  const int error = SpawnSettings(sockets[1]).spawn(pid_, command);
  ::close(sockets[1]);
  if (error != 0) {
    ::close(sockets[0]);
    pid_ = -1;
    return error;
  }
  socket_ = sockets[0];
  return 0;
}

bool ChildProcess::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ChildProcess::receive(char* bytes, std::size_t count, Clock::time_point deadline) {
  while (count > 0) {
    if (deadline != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd wanted{socket_, POLLIN, 0};
      const int ready = left <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(std::min<long long>(left, 1 << 30)));
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return false;
    }
    const auto got = ::recv(socket_, bytes, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

void ChildProcess::kill() noexcept {
  const std::lock_guard lock(mutex_);
  if (pid_ > 0 && !is_reaped_) ::kill(pid_, SIGKILL);
}

void ChildProcess::reap() {
  // First without taking its number away, so that kill() never meets another process of the same number. A program that
  // ignores SIGCHLD or waits for all of its children leaves us none to wait for (ECHILD).
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {}
  const std::lock_guard lock(mutex_);
  if (is_reaped_) return;
  pid_t got = 0;
  while ((got = ::waitpid(pid_, &status_, 0)) < 0 && errno == EINTR) {}
  has_status_ = got == pid_;
  is_reaped_ = true;
}

std::string ChildProcess::ending() {
  if (pid_ <= 0) return "was not started";
  reap();
  if (!has_status_) return "ended";
  if (WIFSIGNALED(status_))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(status_), ::strsignal(WTERMSIG(status_)));
  return fmt::format("exited with code {}", WEXITSTATUS(status_));
}

void ChildProcess::forget() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  pid_ = -1;
}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  ::shutdown(socket_, SHUT_WR);
  if (!is_reaped_) {
    // The child closes its end when it goes, so that this ends as soon as it does.
    char byte = 0;
    const auto deadline = Clock::now() + std::chrono::seconds(1);
    while (receive(&byte, 1, deadline)) {}
    pollfd wanted{socket_, POLLIN, 0};
    if (::poll(&wanted, 1, 0) <= 0) kill();  // the time is up
    reap();
  }
  ::close(socket_);
}

}  // namespace cujitsu
