// SPDX-License-Identifier: MIT
#include "cache/evictions.hpp"

#include "base/file.hpp"
#include "cache/key_bytes.hpp"
#include "cache/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace cujitsu::evictions {
namespace {

constexpr Tag evicted_kind = "EVIC";
constexpr Tag list_section = "LIST";

struct Eviction {
  std::string key;
  std::int64_t time = 0;
};

/// Oldest first.
std::vector<Eviction> read(const std::string& folder, const FrameKey* frame_key) {
  std::vector<Eviction> result;
  std::string content;
  if (file::read(fmt::format("{}/{}", folder, layout::evicted_name), content) != 0) return result;
  try {
    const Frame frame(evicted_kind, content, frame_key);
    ByteReader reader(frame.section(list_section));
    for (auto left = reader.count(key_bytes + 8); left > 0; --left) {
      auto key = read_key(reader);
      result.push_back({std::move(key), reader.i64()});
    }
  } catch (const FormatError&) {
    result.clear();  // the next eviction replaces it
  }
  return result;
}

}  // namespace

std::optional<std::int64_t> time_of(const std::string& folder, std::string_view key, const FrameKey* frame_key) {
  const auto list = read(folder, frame_key);
  const auto found = std::find_if(list.rbegin(), list.rend(), [&](const Eviction& item) { return item.key == key; });
  if (found == list.rend()) return std::nullopt;
  return found->time;
}

void add(const std::string& folder, const std::vector<std::string>& keys, std::int64_t time,
         const FrameKey* frame_key) {
  if (keys.empty()) return;
  auto list = read(folder, frame_key);
  const std::unordered_set<std::string_view> again(keys.begin(), keys.end());
  std::erase_if(list, [&](const Eviction& item) { return again.contains(item.key); });
  for (const auto& key : keys) list.push_back({key, time});
  if (list.size() > most) list.erase(list.begin(), list.end() - most);
  FrameWriter frame(evicted_kind, 32 + (key_bytes + 8) * list.size(), frame_key);
  frame.section(list_section, [&](ByteWriter& writer) {
    writer.u64(list.size());
    for (const auto& item : list) {
      write_key(writer, item.key);
      writer.i64(item.time);
    }
  });
  static_cast<void>(file::publish(folder, std::string(layout::evicted_name), std::move(frame).finish()));
}

}  // namespace cujitsu::evictions
