// SPDX-License-Identifier: MIT
#include "compile/header_files.hpp"

#include "base/file.hpp"
#include "base/fork_local.hpp"

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

/// `error`: the look's errno, 0 where `status` tells.
PathKind kind_of(int error, const file::Status& status) noexcept {
  switch (error) {
    case 0: break;
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case ELOOP:
    case ENAMETOOLONG: return PathKind::absent;
    default: return PathKind::unknown;
  }
  switch (status.type) {
    case file::Type::regular: return PathKind::file;
    case file::Type::folder: return PathKind::folder;
    default: return PathKind::other;
  }
}

/// The paths of one folder, by their indices.
struct Folder {
  std::string_view path;  ///< empty where the paths are looked at as they are
  std::vector<std::uint32_t> indices;
};

std::vector<Folder> by_folder(const std::vector<const std::string*>& paths) {
  std::vector<Folder> folders;
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::uint32_t i = 0; i < paths.size(); ++i) {
    const std::string_view path = *paths[i];
    const auto slash = path.rfind('/');
    const bool has_folder = slash != std::string_view::npos && slash > 0 && slash + 1 < path.size();
    const auto folder = has_folder ? path.substr(0, slash) : std::string_view();
    const auto [it, is_new] = known.try_emplace(folder, folders.size());
    if (is_new) folders.push_back({folder, {}});
    folders[it->second].indices.push_back(i);
  }
  return folders;
}

/// A folder that is open while this lives, where it can be.
class OpenFolder {
 public:
  explicit OpenFolder(std::string_view path) : error_(file::open_folder(std::string(path), descriptor_)) {}
  ~OpenFolder() {
    if (error_ == 0) file::close_folder(descriptor_);
  }
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
  int error_;
};

constexpr std::size_t worth_opening = 3;  // paths of a folder

bool look_in(const Folder& folder, const std::vector<const std::string*>& paths, const PathVisit& visit) {
  std::optional<OpenFolder> open;
  if (!folder.path.empty() && folder.indices.size() >= worth_opening) open.emplace(folder.path);
  const bool is_missing = open && (open->error() == ENOENT || open->error() == ENOTDIR);
  for (const auto i : folder.indices) {
    FileStamp stamp;
    auto kind = PathKind::absent;
    if (open && open->error() == 0) {
      file::Status status;
      const int error = file::status_in(open->descriptor(), paths[i]->c_str() + folder.path.size() + 1, status);
      kind = kind_of(error, status);
      stamp = status.stamp;
    } else if (!is_missing) {
      kind = look_at(*paths[i], stamp);
    }
    if (!visit(i, kind, stamp)) return false;
  }
  return true;
}

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
  file::Status status;
  const int error = file::status(path, status);
  stamp = status.stamp;
  return kind_of(error, status);
}

bool look_at_each(const std::vector<const std::string*>& paths, const PathVisit& visit) {
  for (const auto& folder : by_folder(paths))
    if (!look_in(folder, paths, visit)) return false;
  return true;
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
  FileStamp now;
  return look_at(path, now) == PathKind::file && has_content(path, hash, stamp, now);
}

bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp, const FileStamp& now) {
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
