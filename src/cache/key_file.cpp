// SPDX-License-Identifier: MIT
#include "cache/key_file.hpp"

#include "base/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace cujitsu {
namespace {

std::string refusal_of(const file::Status& status, std::size_t bytes) {
  if (status.owner != 0 && status.owner != ::geteuid())
    return fmt::format("belongs to user {}, not to root or user {} who runs this", status.owner, ::geteuid());
  if ((status.permissions & (S_IRWXG | S_IRWXO)) != 0)
    return fmt::format("is open to other users (mode {:04o}; chmod 600 mends that)", status.permissions);
  if (bytes < KeyFile::least_bytes)
    return fmt::format("has {} bytes, and {} random ones are the least (head -c 32 /dev/urandom > FILE)", bytes,
                       KeyFile::least_bytes);
  if (bytes > KeyFile::most_bytes) return fmt::format("has more than {} bytes: it is no key", KeyFile::most_bytes);
  return {};
}

/// Any length of secret becomes the one that the keyed hash takes.
FrameKey key_from(std::string_view secret) {
  FrameKey key;
  key.secret = strong_hash(secret);
  const auto mark = strong_hash("cujitsu: the key's id", &key.secret);
  key.id = 0;
  for (std::size_t i = 0; i < 4; ++i) key.id = key.id << 8 | mark[i];
  if (key.id == 0) key.id = 1;
  return key;
}

}  // namespace

void KeyFile::read() {
  if (path_.empty()) return;
  std::string secret;
  file::Status status;
  if (const int error = file::read_beginning(path_, most_bytes + 1, secret, &status)) {
    refusal_ = fmt::format("the key file {} can not be read: {}", path_, file::error_text(error));
    return;
  }
  if (auto refusal = refusal_of(status, secret.size()); !refusal.empty())
    refusal_ = fmt::format("the key file {} {}", path_, refusal);
  else
    key_ = key_from(secret);
}

const std::string& KeyFile::refusal() {
  std::call_once(read_, [this] { read(); });
  return refusal_;
}

const FrameKey* KeyFile::key() {
  std::call_once(read_, [this] { read(); });
  return key_ ? &*key_ : nullptr;
}

}  // namespace cujitsu
