// SPDX-License-Identifier: MIT
#include "cache/nearest.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

namespace cujitsu {
namespace {

constexpr std::size_t most_variants = 32;
constexpr std::size_t most_names = 8;   // of the same name
constexpr double least_likeness = 0.5;  // less is another program that happens to have the same name

std::string subject_of(const std::string& name) { return "entries named " + name; }

bool is_key(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The keys in a note, one a line, the latest first.
std::vector<std::string> keys_in(std::string_view note) {
  std::vector<std::string> keys;
  while (!note.empty()) {
    const auto line = note.substr(0, note.find('\n'));
    note.remove_prefix(std::min(note.size(), line.size() + 1));
    if (is_key(line)) keys.emplace_back(line);
  }
  return keys;
}

class Search {
 public:
  explicit Search(const CompileSide& wanted) : wanted_(wanted) {}

  void look_at(KernelCache::Store& store, const layout::EntryFile& file) {
    std::string reason;  // what can not be read is not alike
    const auto loaded = store.read_entry(file, reason);
    if (!loaded) return;
    const auto& entry = loaded->entry();
    const auto stored = KeyMaterial::deserialize(entry.material);
    if (stored.source != wanted_.key.source && likeness(stored.source, wanted_.key.source) < least_likeness) return;
    auto changes = differences({stored, entry.closure, entry.code.compiler.version()}, wanted_);
    if (!nearest_ || changes.size() < nearest_->changes.size()) nearest_ = {file.key, std::move(changes)};
  }
  std::optional<NearestEntry> take() { return std::move(nearest_); }
  [[nodiscard]] bool found() const { return nearest_.has_value(); }

 private:
  const CompileSide& wanted_;
  std::optional<NearestEntry> nearest_;
};

}  // namespace

std::optional<NearestEntry> nearest_entry(KernelCache::Store& store, const CompileSide& wanted) noexcept {
  try {
    Search search(wanted);
    auto variants = store.candidates(key_group(wanted.key.source));
    if (variants.size() > most_variants) variants.resize(most_variants);
    for (const auto& file : variants) search.look_at(store, file);
    if (search.found()) return search.take();
    if (const auto note = store.load_note(subject_of(wanted.key.options.name)))
      for (const auto& key : keys_in(*note))
        for (const auto& file : store.candidates(key)) search.look_at(store, file);
    return search.take();
  } catch (const std::exception& error) {
    log::debug("no nearest entry: {}", error.what());
    return std::nullopt;
  }
}

void note_name(KernelCache::Store& store, const std::string& name, const std::string& key) noexcept {
  try {
    // Two processes may both add to what they read, and one of the two is lost: then explain() knows one entry less.
    const auto subject = subject_of(name);
    const auto note = store.load_note(subject);
    std::string text = key + '\n';
    std::size_t kept = 1;
    if (note)
      for (const auto& other : keys_in(*note))
        if (other != key && ++kept <= most_names) text += other + '\n';
    store.save_note(subject, text);
  } catch (const std::exception& error) {
    log::debug("the name {} is not noted: {}", name, error.what());
  }
}

}  // namespace cujitsu
