// SPDX-License-Identifier: MIT
// Bundles: what goes in comes out byte by byte, and whatever is wrong is told and stored nowhere.
#include "cache/bundle.hpp"
#include "cache/bundle_reader.hpp"
#include "cache/entry_format.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "cache/frame.hpp"
#include "cache/key_file.hpp"
#include "cache/store.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace cujitsu;
using Catch::Matchers::ContainsSubstring;
using test::contents;
using test::Faults;
using test::files_below;
using test::sample_code;
using test::sample_material;
using test::TemporaryFolder;

/// Stores an entry and returns its key.
std::string add_entry(KernelCache& cache, const std::string& name, const std::string& arch,
                      std::size_t ptx_bytes = 40) {
  auto material = sample_material();
  material.options.name = name;
  material.options.arch = arch;
  auto code = sample_code();
  code.ptx = std::string(ptx_bytes, 'p');
  const auto key = material.key();
  std::string reason;
  REQUIRE(cache.store().save(key, code, reason));
  return key.hex;
}

/// The files of entries alone: a cache also writes down what was used, and when it was last swept.
std::vector<std::filesystem::path> entry_paths(const KernelCache& cache) {
  auto paths = files_below(cache.path());
  std::erase_if(paths, [](const std::filesystem::path& path) { return path.extension() != ".entry"; });
  return paths;
}

/// A cache with three entries, and a bundle of them.
struct Shipped {
  TemporaryFolder folder;
  KernelCache from{folder / "from"};
  std::string bundle = folder / "kernels.bundle";
  std::vector<std::string> keys{add_entry(from, "a.cu", "sm_80"), add_entry(from, "b.cu", "sm_90", 300),
                                add_entry(from, "c.cu", "sm_90")};
  BundleExport exported = from.export_bundle(bundle);
};

/// The entry files of a cache by their path below it.
std::map<std::string, std::string> entry_files(const KernelCache& cache) {
  std::map<std::string, std::string> result;
  for (const auto& path : entry_paths(cache)) result[path.lexically_relative(cache.path()).native()] = contents(path);
  return result;
}

std::string error_of(const auto& action) {
  try {
    action();
  } catch (const CacheError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

namespace {

std::string golden_path() { return std::string(CUJITSU_TEST_DATA_DIR) + "/golden-v3.1.bundle"; }

/// The entry files that the golden bundle is made of, by key. It has those for sm_90, and room for all.
std::map<std::string, std::string> golden_entries(const std::string& arch = {}) {
  std::map<std::string, std::string> entries;
  for (const auto& [name, its_arch] :
       {std::pair{"a.cu", "sm_80"}, std::pair{"b.cu", "sm_90"}, std::pair{"c.cu", "sm_90"}}) {
    if (!arch.empty() && arch != its_arch) continue;
    auto material = sample_material();
    material.options.name = name;
    material.options.arch = its_arch;
    auto code = sample_code();
    code.ptx += name;
    entries[material.key().hex] = encode_entry(material.serialize(), code, 1'700'000'000, test::sample_closure());
  }
  return entries;
}

std::string golden_bundle() {
  std::vector<BundleItem> items;
  std::string rest;
  for (const auto& [key, content] : golden_entries("sm_90")) {
    items.push_back({key, content.size()});
    rest += content;
  }
  return encode_bundle_head(items, golden_entries().size()) + rest;
}

/// Reads all that is in it. Whatever is there without a problem must be one of `entries`. Returns whether something was told.
bool tells_damage(const std::string& bundle, const std::map<std::string, std::string>& entries) {
  std::size_t sound = 0;
  try {
    BundleReader reader(bundle, nullptr);
    while (const auto entry = reader.next()) {
      if (!entry->problem.empty()) continue;
      ++sound;
      REQUIRE(entries.at(std::string(entry->key)) == entry->content);
    }
    return sound < entries.size() || reader.left() != 0;
  } catch (const CacheError& error) {
    REQUIRE_THAT(error.what(), ContainsSubstring("the bundle " + bundle + " can not be read: "));
    return true;
  }
}

}  // namespace

TEST_CASE("the golden bundle is read as it was written, and written as it was", "[golden]") {
  const TemporaryFolder folder;
  const auto file = contents(golden_path());
  CHECK(file == golden_bundle());
  CHECK_FALSE(tells_damage(golden_path(), golden_entries("sm_90")));
  KernelCache to(folder / "to");
  const auto imported = to.import_bundle(golden_path());
  CHECK(imported.imported == 2);
  CHECK(imported.problems.empty());
  for (const auto& [key, content] : golden_entries("sm_90")) {
    const auto entry = to.find(key);
    CHECK(contents(entry.path) == content);
    CHECK(entry.options.arch == "sm_90");
  }

  // What was found and is not asked for leaves room in the head.
  std::vector<BundleItem> items;
  std::string rest;
  for (const auto& [key, content] : golden_entries()) {
    items.push_back({key, content.size()});
    rest += content;
  }
  test::write(folder / "all", encode_bundle_head(items, items.size()) + rest);
  KernelCache all(folder / "from");
  CHECK(all.import_bundle(folder / "all").imported == 3);
  CacheFilter filter;
  filter.arch = "sm_90";
  CHECK(all.export_bundle(folder / "again", filter).entries == 2);
  CHECK(contents(folder / "again") == file);
}

// Hidden: for a new version of the bundle or of the entries, whose golden file then gets its numbers.
TEST_CASE("write the golden bundle", "[.regenerate-golden]") { test::write(golden_path(), golden_bundle()); }

TEST_CASE("every flipped byte of a bundle and every length that it is cut to is told") {
  const TemporaryFolder folder(test::fast_parent());
  const auto entries = golden_entries("sm_90");
  const auto whole = golden_bundle();
  const auto file = folder / "damaged";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      CAPTURE(i, mask);
      auto damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      test::write(file, damaged);
      REQUIRE(tells_damage(file, entries));
    }
    CAPTURE(i);
    test::write(file, std::string_view(whole).substr(0, i));
    REQUIRE(tells_damage(file, entries));
  }
  test::write(file, whole + '\0');
  CHECK(tells_damage(file, entries));
}

TEST_CASE("wrong bytes in a bundle's head under a right hash are read within bounds and give no other program") {
  const TemporaryFolder folder(test::fast_parent());
  const auto entries = golden_entries("sm_90");
  const auto whole = golden_bundle();
  const auto head_bytes = bundle_head_bytes(std::string_view(whole).substr(0, frame_head_bytes));
  const auto end = head_bytes - sizeof(StrongHash);
  const auto read = [&](std::string forged) {
    const auto hash = strong_hash(std::string_view(forged).substr(0, end), nullptr);
    for (std::size_t i = 0; i < hash.size(); ++i) forged[end + i] = static_cast<char>(hash[i]);
    test::write(folder / "forged", forged);
    return tells_damage(folder / "forged", entries);
  };
  CHECK_FALSE(read(whole));
  std::size_t told = 0;
  for (std::size_t i = 0; i < end; ++i)
    for (const int mask : {0x01, 0x80, 0xff}) {
      CAPTURE(i, mask);
      auto forged = whole;
      forged[i] = static_cast<char>(forged[i] ^ mask);
      told += read(std::move(forged)) ? 1 : 0;
    }
  for (std::size_t i = 0; i + 8 < end; ++i) {
    CAPTURE(i);
    auto forged = whole;
    forged.replace(i, 8, 8, '\xff');
    told += read(std::move(forged)) ? 1 : 0;
  }
  CHECK(told > 0);
}

TEST_CASE("a bundle carries entries into another cache byte by byte") {
  const Shipped shipped;
  CHECK(shipped.exported.entries == 3);
  CHECK(shipped.exported.bytes == contents(shipped.bundle).size());
  CHECK(shipped.exported.problems.empty());

  KernelCache to(shipped.folder / "to");
  const auto imported = to.import_bundle(shipped.bundle);
  CHECK(imported.imported == 3);
  CHECK(imported.kept == 0);
  CHECK(imported.problems.empty());
  CHECK(entry_files(to) == entry_files(shipped.from));
  CHECK(to.list().size() == 3);
}

TEST_CASE("the same entries make the same bundle, and nothing else stays beside it") {
  const Shipped shipped;
  static_cast<void>(shipped.from.export_bundle(shipped.folder / "again"));
  CHECK(contents(shipped.folder / "again") == contents(shipped.bundle));
  std::size_t files = 0;
  for (const auto& item : std::filesystem::directory_iterator(shipped.folder.path())) files += item.is_regular_file();
  CHECK(files == 2);
}

TEST_CASE("what is there already is kept, but a damaged entry is replaced") {
  const Shipped shipped;
  KernelCache to(shipped.folder / "to");
  static_cast<void>(to.import_bundle(shipped.bundle));
  const auto before = entry_files(to);
  auto again = to.import_bundle(shipped.bundle);
  CHECK(again.imported == 0);
  CHECK(again.kept == 3);

  test::write(to.path() / before.begin()->first, "damage");
  again = to.import_bundle(shipped.bundle);
  CHECK(again.imported == 1);
  CHECK(again.kept == 2);
  CHECK(entry_files(to) == before);
}

TEST_CASE("a filter and keys choose what goes into a bundle") {
  const Shipped shipped;
  const auto exported = [&](const CacheFilter& filter, const std::vector<std::string>& keys = {}) {
    static_cast<void>(shipped.from.export_bundle(shipped.folder / "some", filter, keys));
    KernelCache to(shipped.folder / "some cache");
    static_cast<void>(to.clear());
    static_cast<void>(to.import_bundle(shipped.folder / "some"));
    return to.list().size();
  };
  CacheFilter filter;
  filter.arch = "sm_90";
  CHECK(exported(filter) == 2);
  CHECK(exported(filter, {shipped.keys[0], shipped.keys[1]}) == 1);
  filter.name = "b.*";
  CHECK(exported(filter) == 1);
  filter = {};
  filter.name = "scale<float>";
  CHECK(exported(filter) == 3);
  CHECK(exported({}, {shipped.keys[1]}) == 1);
  CHECK(exported({}, {shipped.keys[1], shipped.keys[1], shipped.keys[2]}) == 2);
  filter = {};
  filter.older_than = std::chrono::seconds(0);
  CHECK(exported(filter) == 3);
}

TEST_CASE("an export of nothing is an error and leaves no file") {
  const Shipped shipped;
  const auto file = shipped.folder / "none";
  CacheFilter filter;
  filter.arch = "sm_75";
  CHECK_THAT(error_of([&] { static_cast<void>(shipped.from.export_bundle(file, filter)); }),
             ContainsSubstring("of 3 entries in " + shipped.from.path().native() + " none is as asked for"));
  filter = {};
  filter.older_than = std::chrono::hours(1);
  CHECK_THAT(error_of([&] { static_cast<void>(shipped.from.export_bundle(file, filter)); }),
             ContainsSubstring("none is as asked for"));
  CHECK_THAT(
      error_of([&] { static_cast<void>(shipped.from.export_bundle(file, {}, {"00000000000000000000000000000000"})); }),
      ContainsSubstring("no entry in") && ContainsSubstring("starts with '0000"));
  const KernelCache empty(shipped.folder / "empty");
  CHECK_THAT(error_of([&] { static_cast<void>(empty.export_bundle(file)); }), ContainsSubstring("holds no entry"));
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a damaged entry is left out of an export and told") {
  const Shipped shipped;
  const auto files = entry_paths(shipped.from);
  test::write(files[0], contents(files[0]) + "x");
  const auto result = shipped.from.export_bundle(shipped.folder / "rest");
  CHECK(result.entries == 2);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], ContainsSubstring(files[0].native()) && ContainsSubstring("is damaged"));
  KernelCache to(shipped.folder / "to");  // the room that was kept for it is no damage
  CHECK(to.import_bundle(shipped.folder / "rest").imported == 2);
}

TEST_CASE("a truncated bundle stores only entries that are whole, and never says nothing") {
  const Shipped shipped;
  const auto whole = contents(shipped.bundle);
  const auto original = entry_files(shipped.from);
  std::vector<std::size_t> lengths{0, 1, 8, 16, frame_head_bytes - 1, frame_head_bytes, frame_head_bytes + 1};
  const auto head = bundle_head_bytes(std::string_view(whole).substr(0, frame_head_bytes));
  std::size_t border = head;
  for (const auto& item : decode_bundle_head(std::string_view(whole).substr(0, head))) {
    for (const auto each : {border - 1, border, border + 1, border + item.bytes / 2}) lengths.push_back(each);
    border += item.bytes;
  }
  lengths.push_back(whole.size() - 1);
  for (std::size_t length = 0; length < whole.size(); length += 37) lengths.push_back(length);

  for (const auto length : lengths) {
    CAPTURE(length, whole.size());
    test::write(shipped.folder / "cut", std::string_view(whole).substr(0, length));
    KernelCache to(shipped.folder / ("to" + std::to_string(length)));
    if (length < head) {
      CHECK_THAT(error_of([&] { static_cast<void>(to.import_bundle(shipped.folder / "cut")); }),
                 ContainsSubstring("cut can not be read: "));
      CHECK(entry_paths(to).empty());
      continue;
    }
    const auto result = to.import_bundle(shipped.folder / "cut");
    CHECK_FALSE(result.problems.empty());
    CHECK(result.imported + result.problems.size() == 3);
    for (const auto& [path, bytes] : entry_files(to)) CHECK(original.at(path) == bytes);
  }
}

TEST_CASE("a flipped byte anywhere in a bundle is told, and no entry is stored that was not exported") {
  const Shipped shipped;
  const auto whole = contents(shipped.bundle);
  const auto original = entry_files(shipped.from);
  KernelCache to(shipped.folder / "to");
  for (std::size_t i = 0; i < whole.size(); i += i < 400 ? 1 : 13) {
    CAPTURE(i, whole.size());
    auto damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (i % 2 == 0 ? 0x01 : 0x80));
    test::write(shipped.folder / "damaged", damaged);
    static_cast<void>(to.clear());
    try {
      const auto result = to.import_bundle(shipped.folder / "damaged");
      CHECK(result.problems.size() == 1);
      CHECK(result.imported == 2);
    } catch (const CacheError& error) {
      CHECK_THAT(error.what(), ContainsSubstring("can not be read"));
    }
    for (const auto& [path, bytes] : entry_files(to)) CHECK(original.at(path) == bytes);
  }
}

TEST_CASE("bytes behind the last entry are told") {
  const Shipped shipped;
  test::write(shipped.bundle, contents(shipped.bundle) + "more");
  KernelCache to(shipped.folder / "to");
  const auto result = to.import_bundle(shipped.bundle);
  CHECK(result.imported == 3);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], ContainsSubstring("4 bytes that belong to no entry"));
}

TEST_CASE("a bundle of another format version is refused with both versions") {
  const Shipped shipped;
  auto other = contents(shipped.bundle);
  other[8] = 77;  // the version's place, in every version
  test::write(shipped.bundle, other);
  KernelCache to(shipped.folder / "to");
  CHECK_THAT(error_of([&] { static_cast<void>(to.import_bundle(shipped.bundle)); }),
             ContainsSubstring("format version 77") &&
                 ContainsSubstring("reads version " + std::to_string(cache_format_version)));
}

TEST_CASE("what is no bundle is refused by name") {
  const Shipped shipped;
  KernelCache to(shipped.folder / "to");
  const auto refusal = [&](const std::string& file) {
    return error_of([&] { static_cast<void>(to.import_bundle(file)); });
  };
  CHECK_THAT(refusal(entry_paths(shipped.from).front().native()), ContainsSubstring("no bundle"));
  CHECK_THAT(refusal(shipped.folder / "missing"), ContainsSubstring("missing can not be read: No such file"));
  CHECK_THAT(refusal(shipped.folder.path().native()), ContainsSubstring("Is a directory"));
  test::write(shipped.folder / "text", std::string(1000, 'x'));
  CHECK_THAT(refusal(shipped.folder / "text"), ContainsSubstring("not a file of cujitsu's cache"));
}

TEST_CASE("a name in a bundle that is no key can not become a path") {
  for (const auto* key : {"../../../../../../../tmp/escaped!", "3F9AC000000000000000000000000000"}) {
    const auto head = encode_bundle_head({{key, 1}}, 1);
    CHECK_THROWS_AS(decode_bundle_head(head), FormatError);
  }
}

TEST_CASE("an entry under another entry's key is left out") {
  const Shipped shipped;
  const auto whole = contents(shipped.bundle);
  const auto head_bytes = bundle_head_bytes(std::string_view(whole).substr(0, frame_head_bytes));
  auto items = decode_bundle_head(std::string_view(whole).substr(0, head_bytes));
  std::swap(items[0].key, items[1].key);
  test::write(shipped.bundle, encode_bundle_head(items, 3) + whole.substr(head_bytes));
  KernelCache to(shipped.folder / "to");
  const auto result = to.import_bundle(shipped.bundle);
  CHECK(result.imported == 1);
  REQUIRE(result.problems.size() == 2);
  CHECK_THAT(result.problems[0], ContainsSubstring("its name is not its key"));
}

TEST_CASE("an import into a cache that can not be written to names the folder") {
  const Shipped shipped;
  for (const int error : {EACCES, EROFS, ENOSPC}) {
    static int code;
    code = error;
    KernelCache to(shipped.folder / ("to" + std::to_string(error)));
    Faults faults;
    faults.calls.rename = [](const char*, const char*) {
      errno = code;
      return -1;
    };
    faults.install();
    CHECK_THAT(error_of([&] { static_cast<void>(to.import_bundle(shipped.bundle)); }),
               ContainsSubstring((shipped.folder / ("to" + std::to_string(error))) + " can not be written to (" +
                                 file::error_text(error)));
    faults.end();
    CHECK(entry_paths(to).empty());
  }
}

TEST_CASE("an export that fails at any step names the bundle, leaves no file and keeps the old one") {
  const Shipped shipped;
  const auto before = contents(shipped.bundle);
  const auto fails = [&](auto&& set) {
    Faults faults;
    set(faults.calls);
    faults.install();
    const auto message = error_of([&] { static_cast<void>(shipped.from.export_bundle(shipped.bundle)); });
    faults.end();
    CHECK_THAT(message, ContainsSubstring("the bundle " + shipped.bundle + " can not be written: "));
    CHECK(contents(shipped.bundle) == before);
    for (const auto& item : std::filesystem::directory_iterator(shipped.folder.path()))
      CHECK((item.is_directory() || item.path() == shipped.bundle));
  };
  fails([](file::SystemCalls& calls) {
    calls.open = [](const char* path, int flags, mode_t mode) {
      if ((flags & O_CREAT) == 0) return file::real_system_calls().open(path, flags, mode);
      errno = EACCES;
      return -1;
    };
  });
  fails([](file::SystemCalls& calls) {
    calls.write = [](int, const void*, std::size_t) -> ssize_t {
      errno = ENOSPC;
      return -1;
    };
  });
  fails([](file::SystemCalls& calls) {
    calls.rename = [](const char*, const char*) {
      errno = EIO;
      return -1;
    };
  });
}

TEST_CASE("short writes and interrupted calls are no failure") {
  const Shipped shipped;
  Faults faults;
  static int count;
  count = 0;
  faults.calls.write = [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
    if (++count % 3 == 0) {
      errno = EINTR;
      return -1;
    }
    return file::real_system_calls().write(descriptor, buffer, std::min<std::size_t>(bytes, 7));
  };
  faults.calls.read = [](int descriptor, void* buffer, std::size_t bytes) -> ssize_t {
    if (++count % 3 == 0) {
      errno = EINTR;
      return -1;
    }
    return file::real_system_calls().read(descriptor, buffer, std::min<std::size_t>(bytes, 11));
  };
  faults.install();
  static_cast<void>(shipped.from.export_bundle(shipped.folder / "slow"));
  KernelCache to(shipped.folder / "to");
  CHECK(to.import_bundle(shipped.folder / "slow").imported == 3);
  faults.end();
  CHECK(contents(shipped.folder / "slow") == contents(shipped.bundle));
}

TEST_CASE("a seed that can not be read is told by an export") {
  const Shipped shipped;
  KernelCache over(shipped.folder / "over", {.seeds = {shipped.folder / "from"}});
  add_entry(over, "own.cu", "sm_80");
  Faults faults;
  static std::string seed;
  seed = shipped.folder / "from";
  faults.calls.lstat = [](const char* path, struct ::stat* result) {
    if (path != seed) return file::real_system_calls().lstat(path, result);
    errno = EIO;
    return -1;
  };
  faults.install();
  const auto result = over.export_bundle(shipped.folder / "own");
  faults.end();
  CHECK(result.entries == 1);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], ContainsSubstring("the seed " + seed + " can not be read ("));
}

TEST_CASE("a bundle replaces files alone, and the file behind a link") {
  const Shipped shipped;
  const auto refusal = [&](const std::string& file) {
    return error_of([&] { static_cast<void>(shipped.from.export_bundle(file)); });
  };
  CHECK_THAT(refusal("/dev/null"), ContainsSubstring("something that is no file is there"));
  CHECK_THAT(refusal(shipped.folder.path().native()), ContainsSubstring("something that is no file is there"));
  CHECK_THAT(refusal(shipped.folder / "missing/x"), ContainsSubstring("No such file or directory"));
  std::filesystem::create_symlink(shipped.bundle, shipped.folder / "link");
  static_cast<void>(shipped.from.export_bundle(shipped.folder / "link", {}, {shipped.keys[0]}));
  CHECK(std::filesystem::is_symlink(shipped.folder / "link"));
  std::filesystem::create_symlink("not there yet", shipped.folder / "new link");
  static_cast<void>(shipped.from.export_bundle(shipped.folder / "new link"));
  CHECK(std::filesystem::is_regular_file(shipped.folder / "not there yet"));
  std::filesystem::create_symlink("loop", shipped.folder / "loop");
  CHECK_THAT(refusal(shipped.folder / "loop"), ContainsSubstring(file::error_text(ELOOP)));
  CHECK(contents(shipped.bundle).size() < shipped.exported.bytes);
}

TEST_CASE("a bundle's relative name counts from the current folder") {
  const Shipped shipped;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(shipped.folder.path());
  const auto exported = shipped.from.export_bundle("here.bundle");
  KernelCache to(shipped.folder / "to");
  CHECK(to.import_bundle("here.bundle").imported == 3);
  std::filesystem::current_path(before);
  CHECK(exported.bytes == contents(shipped.folder / "here.bundle").size());
}

TEST_CASE("a cache that is refused is neither exported nor imported into") {
  const Shipped shipped;
  std::filesystem::create_directory(shipped.folder / "open");
  std::filesystem::permissions(shipped.folder / "open", std::filesystem::perms::all);
  test::Warnings warnings;
  KernelCache cache(shipped.folder / "open");
  CHECK_THAT(error_of([&] { static_cast<void>(cache.import_bundle(shipped.bundle)); }),
             ContainsSubstring("other users may write into it"));
  CHECK_THAT(error_of([&] { static_cast<void>(cache.export_bundle(shipped.folder / "x")); }),
             ContainsSubstring("other users may write into it"));
}

TEST_CASE("a bundle that was made with a key file is taken with the same key file alone") {
  const TemporaryFolder folder;
  const auto with_key = [&](const char* name, char secret) {
    const auto path = folder / name;
    test::write(path, std::string(32, secret));
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return KernelCacheOptions{.key_file = path};
  };
  KernelCache plain(folder / "plain");
  KernelCache keyed(folder / "keyed", with_key("a", 'a'));
  add_entry(plain, "plain.cu", "sm_80");
  const auto key = add_entry(keyed, "keyed.cu", "sm_80");
  CHECK(plain.export_bundle(folder / "plain.bundle").entries == 1);
  CHECK(keyed.export_bundle(folder / "keyed.bundle").entries == 1);

  KernelCache same(folder / "same", with_key("copy of a", 'a'));
  CHECK(same.import_bundle(folder / "keyed.bundle").imported == 1);
  CHECK(entry_files(same) == entry_files(keyed));
  CHECK(same.find(key).options.name == "keyed.cu");
  CHECK(same.import_bundle(folder / "keyed.bundle").kept == 1);

  KernelCache other(folder / "other", with_key("b", 'b'));
  KernelCache none(folder / "none");
  const auto refusal = [&](KernelCache& cache, const char* bundle) {
    auto message = error_of([&] { static_cast<void>(cache.import_bundle(folder / bundle)); });
    CHECK(entry_paths(cache).empty());
    return message;
  };
  const auto not_ours = ContainsSubstring("can not be read: it is not authenticated by the key file");
  CHECK_THAT(refusal(other, "keyed.bundle"), not_ours);
  CHECK_THAT(refusal(other, "plain.bundle"), not_ours);
  CHECK_THAT(refusal(none, "keyed.bundle"),
             ContainsSubstring("authenticated by a key file, and this process has none"));
}

TEST_CASE("a head with the right key does not vouch for entries without it, which are told and not exported either") {
  const TemporaryFolder folder;
  const auto secret = folder / "key";
  test::write(secret, std::string(32, 'k'));
  REQUIRE(::chmod(secret.c_str(), 0600) == 0);
  KernelCache plain(folder / "cache");
  const auto name = add_entry(plain, "plain.cu", "sm_80");
  KernelCache keyed(folder / "cache", {.key_file = secret});  // the same folder
  const auto none = error_of([&] { static_cast<void>(keyed.export_bundle(folder / "bundle")); });
  CHECK_THAT(none, ContainsSubstring("nothing to export") && ContainsSubstring("is not authenticated by the key file"));

  KeyFile key(secret);
  REQUIRE(key.key() != nullptr);
  const auto entry = contents(entry_paths(plain).front());
  test::write(folder / "bundle", encode_bundle_head({{name, entry.size()}}, 1, key.key()) + entry);
  KernelCache to(folder / "to", {.key_file = secret});
  const auto result = to.import_bundle(folder / "bundle");
  CHECK(result.imported == 0);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], ContainsSubstring("is left out: it is not authenticated by the key file"));
  CHECK(entry_paths(to).empty());

  // One that is there without the key is of no use, so the bundle's takes its place.
  KernelCache other(folder / "other", {.key_file = secret});
  add_entry(other, "plain.cu", "sm_80");
  static_cast<void>(other.export_bundle(folder / "keyed.bundle"));
  CHECK(keyed.import_bundle(folder / "keyed.bundle").imported == 1);
  CHECK(keyed.find(name).key == name);
}

TEST_CASE("a key file that can not be used keeps a bundle out and says why") {
  const Shipped shipped;
  const auto secret = shipped.folder / "key";
  test::write(secret, "short");
  REQUIRE(::chmod(secret.c_str(), 0600) == 0);
  const test::Warnings warnings;
  KernelCache to(shipped.folder / "to", {.key_file = secret});
  CHECK_THAT(error_of([&] { static_cast<void>(to.import_bundle(shipped.bundle)); }),
             ContainsSubstring("nothing is imported into") && ContainsSubstring("the key file " + secret));
  CHECK_FALSE(std::filesystem::exists(to.path()));
}

TEST_CASE("seeds' entries are exported too, but for files that others can write") {
  const Shipped shipped;
  KernelCache over(shipped.folder / "over", {.seeds = {shipped.folder / "from"}});
  const auto own = add_entry(over, "own.cu", "sm_80");
  CHECK(over.export_bundle(shipped.folder / "all").entries == 4);
  CHECK(over.export_bundle(shipped.folder / "two", {}, {own, shipped.keys[1]}).entries == 2);

  const auto open = entry_paths(shipped.from).front();
  REQUIRE(::chmod(open.c_str(), 0666) == 0);
  const auto result = over.export_bundle(shipped.folder / "rest");
  CHECK(result.entries == 3);
  REQUIRE(result.problems.size() == 1);
  CHECK_THAT(result.problems[0], ContainsSubstring(open.native()) && ContainsSubstring("is not used: "));

  KernelCache to(shipped.folder / "to", {.seeds = {shipped.folder / "over"}});
  CHECK(to.import_bundle(shipped.folder / "all").imported == 4);  // whoever has a bundle needs no seed any more
}

TEST_CASE("what is no beginning of a key chooses nothing") {
  const Shipped shipped;
  for (const auto* key : {"", "..", "xyz", "../from"})
    CHECK_THAT(error_of([&] { static_cast<void>(shipped.from.export_bundle(shipped.folder / "x", {}, {key})); }),
               ContainsSubstring("has a key that starts with"));
}
