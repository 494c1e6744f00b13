// SPDX-License-Identifier: MIT
#include "cache/bundle_reader.hpp"

#include "base/file.hpp"
#include "cache/checked_entry.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu {

void BundleReader::raise(std::string_view why) const {
  throw CacheError(fmt::format("the bundle {} can not be read: {}", file_, why));
}

void BundleReader::read(std::uint64_t count, std::string& content) {
  if (const int error = input_.read(count, content)) raise(file::error_text(error));
}

BundleReader::BundleReader(std::string file, const FrameKey* key) : file_(std::move(file)), key_(key) {
  if (const int error = input_.open(file_)) raise(file::error_text(error));
  read(frame_head_bytes, content_);
  try {
    const auto head_bytes = bundle_head_bytes(content_);
    if (head_bytes > input_.bytes() || head_bytes > file::max_bytes) throw FormatError("it is cut short");
    std::string rest;
    read(head_bytes - content_.size(), rest);
    items_ = decode_bundle_head(content_ + rest, key_);
  } catch (const AuthenticationError& error) {
    raise(fmt::format("it is {}", error.what()));
  } catch (const FormatError& error) {
    raise(error.what());
  }
}

std::optional<BundleReader::Entry> BundleReader::next() {
  if (position_ == items_.size()) return std::nullopt;
  const auto& item = items_[position_++];
  Entry entry{item.key, {}, {}};
  if (item.bytes > input_.left()) {
    read(input_.left(), content_);
    entry.problem = "the bundle ends before it does";
    return entry;
  }
  read(item.bytes, content_);
  try {
    static_cast<void>(check_entry_file(item.key, content_, key_));
    entry.content = content_;
  } catch (const AuthenticationError& error) {
    entry.problem = fmt::format("it is {}", error.what());
  } catch (const FormatError& damage) {
    entry.problem = fmt::format("it is damaged ({})", damage.what());
  }
  return entry;
}

}  // namespace cujitsu
