// SPDX-License-Identifier: MIT
#include "compile/header_files.hpp"

#include "base/file.hpp"
#include "base/fork_local.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr std::uint64_t most_bytes_kept = 128U << 20;

struct Known {
  FileStamp stamp;
  HeaderHash hash{};
  std::shared_ptr<const HeaderFile> file;  ///< nullptr where only the hash is kept
};

struct Memory {
  std::mutex mutex;
  std::unordered_map<std::string, Known> files;
  std::uint64_t bytes = 0;  ///< of texts
};

Memory& memory() {
  static auto* const instance = new ForkLocal<Memory>;  // never destroyed: threads may outlive main
  return instance->get();
}

PathKind kind_of(const struct ::stat& status, FileStamp& stamp) {
  stamp = stamp_of(status);
  if (S_ISREG(status.st_mode)) return PathKind::file;
  return S_ISDIR(status.st_mode) ? PathKind::folder : PathKind::other;
}

// In place of a descriptor.
constexpr int missing = -1;
constexpr int unopened = -2;
constexpr std::size_t most_folders = 200;  // a process may have 1024 files open

std::optional<Known> recall(const std::string& path, const FileStamp& now) {
  auto& it = memory();
  const std::lock_guard lock(it.mutex);
  const auto known = it.files.find(path);
  if (known == it.files.end() || !known->second.stamp.settled || !is_same_state(known->second.stamp, now))
    return std::nullopt;
  return known->second;
}

void remember(const std::string& path, Known known) {
  auto& it = memory();
  const std::lock_guard lock(it.mutex);
  if (it.bytes > most_bytes_kept) {
    it.files.clear();
    it.bytes = 0;
  }
  if (known.file != nullptr) it.bytes += known.stamp.bytes;
  it.files.insert_or_assign(path, std::move(known));
}

int read_text(const std::string& path, std::string& text, FileStamp& stamp) {
  const auto now = stamp_clock();
  FileStamp before;
  if (look_at(path, before) != PathKind::file) return ENOENT;
  if (const int error = file::read(path, text)) return error;
  FileStamp after;
  if (look_at(path, after) != PathKind::file) return ENOENT;
  stamp = before;
  stamp.settled = before == after && before.bytes == text.size() && is_old_enough(before, now);
  return 0;
}

}  // namespace

HeaderHash header_hash(std::string_view content) noexcept { return strong_hash(content); }

PathKind look_at(const std::string& path, FileStamp& stamp) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) return PathKind::absent;
  return kind_of(status, stamp);
}

PathLooker::~PathLooker() {
  for (const auto& [folder, descriptor] : folders_)
    if (descriptor >= 0) ::close(descriptor);
}

int PathLooker::folder(std::string_view path) {
  const auto [known, is_new] = folders_.try_emplace(path, unopened);
  if (!is_new) return known->second;
  if (folders_.size() > most_folders) return unopened;
  const std::string name(path);
  known->second = ::open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (known->second < 0) known->second = errno == ENOENT || errno == ENOTDIR ? missing : unopened;
  return known->second;
}

PathKind PathLooker::look(std::string_view path, FileStamp& stamp) {
  const auto slash = path.rfind('/');
  const int from = slash == std::string_view::npos || slash == 0 ? unopened : folder(path.substr(0, slash));
  if (from == missing) return PathKind::absent;
  if (from == unopened) return look_at(std::string(path), stamp);
  struct ::stat status {};
  const std::string name(path.substr(slash + 1));
  if (name.empty()) return look_at(std::string(path), stamp);
  if (::fstatat(from, name.c_str(), &status, 0) != 0) return PathKind::absent;
  return kind_of(status, stamp);
}

std::shared_ptr<const HeaderFile> read_header(const std::string& path, int& error) {
  error = 0;
  FileStamp now;
  if (look_at(path, now) == PathKind::file)
    if (auto known = recall(path, now); known && known->file != nullptr) return known->file;
  auto text = std::make_shared<std::string>();
  auto file = std::make_shared<HeaderFile>();
  error = read_text(path, *text, file->stamp);
  if (error != 0) return nullptr;
  file->hash = header_hash(*text);
  file->directives = find_directives(std::move(text));
  remember(path, {file->stamp, file->hash, file});
  return file;
}

bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp) {
  PathLooker looker;
  return has_content(path, hash, stamp, looker);
}

bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp, PathLooker& looker) {
  FileStamp now;
  if (looker.look(path, now) != PathKind::file) return false;
  if (stamp.settled && is_same_state(stamp, now)) return true;
  if (const auto known = recall(path, now)) {
    if (known->hash != hash) return false;
    stamp = known->stamp;
    return true;
  }
  std::string text;
  FileStamp read;
  if (read_text(path, text, read) != 0) return false;
  Known known{read, header_hash(text), nullptr};
  const bool is_same = known.hash == hash;
  remember(path, std::move(known));
  if (is_same) stamp = read;
  return is_same;
}

void forget_headers() {
  auto& it = memory();
  const std::lock_guard lock(it.mutex);
  it.files.clear();
  it.bytes = 0;
}

}  // namespace cujitsu::compiler
