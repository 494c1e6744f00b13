// SPDX-License-Identifier: MIT
#include "cache/checked_entry.hpp"

namespace cujitsu {

KeyMaterial check_name(const StoredEntry& entry, std::string_view key) {
  auto material = KeyMaterial::deserialize(entry.material);
  if (material.key().hex != key) throw FormatError("its name is not its key");
  return material;
}

CheckedEntry check_entry_file(std::string_view name, std::string_view file, const FrameKey* key) {
  CheckedEntry result;
  result.entry = decode_entry(file, key);
  result.material = check_name(result.entry, name);
  return result;
}

}  // namespace cujitsu
