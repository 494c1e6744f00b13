// SPDX-License-Identifier: MIT
// Every system call of everything that the cache does fails once, in every way, and the process dies before each of
// them. The result is right all the same, and the folder is healthy after.
#include "base/file.hpp"
#include "cache/bundle_reader.hpp"
#include "cache/evictions.hpp"
#include "cache/frame.hpp"
#include "cache/key_file.hpp"
#include "cache/layout.hpp"
#include "cache/store.hpp"
#include "cache/sweep.hpp"
#include "cache/usage_files.hpp"

#include <cujitsu/errors.hpp>

#include "support/catch.hpp"
#include "unit/cache_support.hpp"
#include "unit/fault_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cujitsu;
using test::FaultPlan;
using test::numbered;
using test::same_code;
using test::sample_code;
using test::TemporaryFolder;
using test::Warnings;

constexpr int programs = 4;

CompiledCode code_of(int number) {
  auto code = sample_code();
  code.ptx = "// code " + std::to_string(number);
  return code;
}

void set_age(const std::filesystem::path& path, std::int64_t seconds) {
  const timespec then[2] = {{::time(nullptr) - seconds, 0}, {::time(nullptr) - seconds, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), then, 0) != 0) throw std::runtime_error("utimensat");
}

constexpr const char* old_bundle = "an older bundle";

/// A cache, a seed and a bundle of all programs, the same each time. Links are in the path so that following them is swept too.
struct World {
  World() {
    std::filesystem::create_directory(folder / "real");
    std::filesystem::create_symlink("real", folder / "link");
    fill(folder / "real/root", 0, 2);
    fill(folder / "real/seed", 2, 3);
    std::filesystem::permissions(folder / "real/seed", std::filesystem::perms::owner_all);
    write_key();
    settings.options.seeds = {folder / "link/seed"};
    settings.options.key_file = folder / "key";
    static const std::string bundle = bundle_of_all();
    test::write(folder / "real/out/in.bundle", bundle);
    test::write(folder / "real/out/out.bundle", old_bundle);
    std::filesystem::create_symlink("out.bundle", folder / "real/out/link.bundle");
  }
  void write_key() const {
    test::write(folder / "key", std::string(32, 's'));
    std::filesystem::permissions(folder / "key", std::filesystem::perms::owner_read);
  }
  [[nodiscard]] std::string bundle_of_all() const {
    const auto keyed = keyed_settings();
    KernelCache::Store store(folder / "all", {}, keyed);
    std::string reason;
    for (int i = 0; i < programs; ++i)
      if (!store.save(numbered(i), code_of(i), reason)) throw std::runtime_error(reason);
    static_cast<void>(store.export_bundle(folder / "bundle", {}, {}));
    store.end();
    std::filesystem::remove_all(folder / "all");
    auto bytes = test::contents(folder / "bundle");
    std::filesystem::remove(folder / "bundle");
    return bytes;
  }
  [[nodiscard]] StoreSettings keyed_settings() const {
    StoreSettings keyed;
    keyed.options.key_file = folder / "key";
    return keyed;
  }
  void fill(const std::string& root, int first, int last) const {
    write_key();
    KernelCache::Store store(root, {}, keyed_settings());
    std::string reason;
    for (int i = first; i < last; ++i)
      if (!store.save(numbered(i), code_of(i), reason)) throw std::runtime_error(reason);
    store.save_note("subject", "text");
    for (const auto& path : test::files_below(root)) set_age(path, 7200);  // so that a hit marks it
    std::filesystem::remove(folder / "key");
  }
  [[nodiscard]] std::string root() const { return folder / "link/root"; }
  TemporaryFolder folder{test::fast_parent()};
  StoreSettings settings;
  // What came of it, where it came to an end.
  mutable std::optional<BundleExport> exported;
  mutable std::optional<BundleImport> imported;
  mutable std::string error;
};

/// What a program does with the cache; returns whether all that came back is right. CacheErrors are for those who ask.
using Act = std::function<bool(const World&)>;

bool is_right(const std::optional<CompiledCode>& loaded, int number) {
  return !loaded || same_code(*loaded, code_of(number));
}

bool compiles(const World& world, int number) {
  KernelCache::Store store(world.root(), {}, world.settings);
  std::string reason;
  const auto loaded = store.load(numbered(number), reason);
  if (!loaded) {
    store.count_miss(0.1);
    static_cast<void>(store.save(numbered(number), code_of(number), reason));
  }
  store.save_note("other", "text");
  const auto note = store.load_note("subject");
  return is_right(loaded, number) && (!note || *note == "text");
}

template <class Ask>
bool asks(const World& world, const Ask& ask) {
  KernelCache::Store store(world.root(), {}, world.settings);
  try {
    return ask(store);
  } catch (const CacheError& error) {
    world.error = error.what();
    return world.error.find(world.folder.path().native()) != std::string::npos;  // it says where
  }
}

constexpr std::uint64_t counted_hits = 5;

bool imports(const World& world, const std::string& root) {
  KernelCache::Store store(root, {}, world.settings);
  try {
    world.imported = store.import_bundle(world.folder / "link/out/in.bundle");
    return true;
  } catch (const CacheError& error) {
    world.error = error.what();
    return world.error.find(world.folder.path().native()) != std::string::npos;
  }
}

struct Scenario {
  const char* name;
  Act act;
};

const std::vector<Scenario> scenarios = {
    {"a hit", [](const World& world) { return compiles(world, 0); }},
    {"a hit in a seed", [](const World& world) { return compiles(world, 2); }},
    {"a miss that is stored", [](const World& world) { return compiles(world, 3); }},
    {"the first entry of all",
     [](const World& world) {
       KernelCache::Store store(world.folder / "link/new/root", {}, world.settings);
       std::string reason;
       const bool saved = store.save(numbered(0), code_of(0), reason);
       const auto loaded = store.load(numbered(0), reason);
       return is_right(loaded, 0) && (saved || !loaded);
     }},
    {"candidates",
     [](const World& world) {
       KernelCache::Store store(world.root(), {}, world.settings);
       std::string reason;
       bool right = true;
       for (const auto& file : store.candidates(numbered(1).hex.substr(0, 12))) {
         auto loaded = store.read_entry(file, reason);
         if (loaded) right = right && same_code(store.take_hit(std::move(*loaded)), code_of(1));
       }
       return right;
     }},
    {"a list",
     [](const World& world) {
       return asks(world, [](KernelCache::Store& store) { return store.list().size() <= 3; });
     }},
    {"a find",
     [](const World& world) {
       return asks(world,
                   [](KernelCache::Store& store) { return same_code(store.find(numbered(0).hex).code, code_of(0)); });
     }},
    {"a verify that removes what is damaged",
     [](const World& world) {
       return asks(world, [](KernelCache::Store& store) {
         for (const auto& problem : store.verify({.remove_damaged = true}).problems)
           if (problem.damaged) return false;  // nothing here is
         return true;
       });
     }},
    {"a prune",
     [](const World& world) {
       return asks(world, [](KernelCache::Store& store) {
         return store.prune({.max_bytes = 1000, .arch = "sm_90"}).entries <= 2;
       });
     }},
    {"a sweep",
     [](const World& world) {
       const std::atomic<bool> never{false};
       KernelCache::Store store(world.root(), {}, world.settings);
       std::string reason;
       static_cast<void>(store.load(numbered(0), reason));
       store.end();
       KeyFile key(world.folder / "key");
       if (key.key() == nullptr) return true;  // nobody sweeps then
       try {
         static_cast<void>(sweep(store.path(), 1000, key.key(), never));
       } catch (const CacheError&) {}
       return true;
     }},
    {"a clear",
     [](const World& world) { return asks(world, [](KernelCache::Store& store) { return store.clear() <= 2; }); }},
    {"an export of a bundle",
     [](const World& world) {
       return asks(world, [&](KernelCache::Store& store) {
         world.exported = store.export_bundle(world.folder / "link/out/link.bundle", {}, {});
         return true;
       });
     }},
    {"an import of a bundle", [](const World& world) { return imports(world, world.root()); }},
    {"an import into a folder that is not there",
     [](const World& world) { return imports(world, world.folder / "link/new/root"); }},
    {"counters that are published and merged",
     [](const World& world) {
       KeyFile key(world.folder / "key");
       if (key.key() == nullptr) return true;  // then nobody counts
       const auto folder = layout::version_folder(world.root());
       Usage usage;
       usage.counters.hits = counted_hits;
       usage.hits[numbered(0).hex] = counted_hits;
       const bool published = usage_files::publish(folder, usage, key.key());
       usage_files::merge(folder, key.key(), [](const std::string&) { return true; });
       const auto hits = usage_files::read(folder, key.key()).counters.hits;
       return hits == 0 || (published && hits == counted_hits);
     }},
    {"evictions that are written down",
     [](const World& world) {
       KeyFile key(world.folder / "key");
       if (key.key() == nullptr) return true;  // then nobody counts
       const auto folder = layout::version_folder(world.root());
       evictions::add(folder, {numbered(0).hex}, 10, key.key());
       evictions::add(folder, {numbered(0).hex, numbered(1).hex}, 20, key.key());
       const auto time = evictions::time_of(folder, numbered(0).hex, key.key());
       return !time || *time == 10 || *time == 20;
     }},
};

/// The counters and evictions are whole, and nothing is counted twice.
void check_bookkeeping(const World& world, const std::string& root) {
  const auto folder = layout::version_folder(root);
  KeyFile key(world.folder / "key");
  REQUIRE(key.key() != nullptr);
  for (const auto& path : test::files_below(folder)) {
    const auto name = path.filename().native();
    const bool is_usage = path.extension() == ".usage";
    if (!is_usage && name != layout::evicted_name) continue;
    CAPTURE(path);
    REQUIRE_NOTHROW(Frame(is_usage ? Tag("USAG") : Tag("EVIC"), test::contents(path), key.key()));
  }
  const auto usage = usage_files::read(folder, key.key());
  REQUIRE(usage.counters.hits <= counted_hits);
  if (const auto hits = usage.hits.find(numbered(0).hex); hits != usage.hits.end())
    REQUIRE(hits->second <= counted_hits);
}

/// The keys in a bundle that must be whole.
std::vector<std::string> keys_in(const World& world, const std::string& bundle) {
  KeyFile key(world.folder / "key");
  BundleReader reader(bundle, key.key());
  std::vector<std::string> keys;
  while (const auto entry = reader.next()) {
    REQUIRE(entry->problem.empty());
    keys.emplace_back(entry->key);
  }
  REQUIRE(reader.left() == 0);
  return keys;
}

/// `error`: what the one call failed with; 0: it was partial.
void check_bundles(const World& world, int error, const std::string& warnings) {
  const auto file = world.folder / "real/out/out.bundle";
  for (const auto& path : test::files_below(world.folder / "real/out"))
    REQUIRE_FALSE(file::is_temporary(path.filename().native()));
  if (!world.exported) {
    REQUIRE(test::contents(file) == old_bundle);
  } else {
    REQUIRE(keys_in(world, file).size() == world.exported->entries);
    // One that has just gone is left out without a word, as ESTALE says; a seed that can not be read is a warning.
    if (error != ESTALE && warnings.empty()) REQUIRE(world.exported->entries + world.exported->problems.size() >= 3);
  }
  if (!world.imported) return;
  REQUIRE(world.imported->problems.empty());
  REQUIRE(world.imported->imported + world.imported->kept == programs);
}

/// Nothing but what the next sweep removes is wrong with the folder, and it works.
void check_health(const World& world, const std::string& root) {
  if (!std::filesystem::exists(root)) return;
  check_bookkeeping(world, root);
  const Warnings warnings;
  KernelCache::Store store(root, {}, world.settings);
  const auto report = store.verify({});
  for (const auto& problem : report.problems) FAIL(problem.path << ": " << problem.problem);
  for (const auto& path : test::files_below(world.folder / "real"))
    if (file::is_temporary(path.filename().native())) set_age(path, 700);
  const std::atomic<bool> never{false};
  KeyFile key(world.folder / "key");
  static_cast<void>(sweep(store.path(), 0, key.key(), never));
  std::string reason;
  for (const int i : {0, 2}) {  // one of the cache's, one of the seed's
    const auto loaded = store.load(numbered(i), reason);
    REQUIRE(is_right(loaded, i));
    REQUIRE(store.save(numbered(i), code_of(i), reason));
    REQUIRE(same_code(store.load(numbered(i), reason).value(), code_of(i)));
  }
  for (int i = 0; i < programs; ++i) {
    const auto loaded = store.load(numbered(i), reason);
    REQUIRE(is_right(loaded, i));
    if (world.imported) REQUIRE(loaded.has_value());
  }
  for (const auto& path : test::files_below(root)) REQUIRE_FALSE(file::is_temporary(path.filename().native()));
  REQUIRE(warnings.all().empty());
}

void check_health(const World& world) {
  auto once = world.imported;
  // What was imported is in one of them.
  const bool is_new = std::filesystem::exists(world.folder / "real/new/root");
  if (is_new) world.imported.reset();
  check_health(world, world.root());
  world.imported = std::move(once);
  if (is_new) check_health(world, world.folder / "link/new/root");
  if (test::contents(world.folder / "real/out/out.bundle") != old_bundle)
    REQUIRE_FALSE(keys_in(world, world.folder / "real/out/out.bundle").empty());
}

int calls_of(const Act& act) {
  const World world;
  const FaultPlan plan(FaultPlan::Kind::none, -1);
  REQUIRE(act(world));
  return plan.made();
}

/// Every call fails in turn; with a sanitizer, where each run takes ten times as long, every third.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int stride = 3;
#else
constexpr int stride = 1;
#endif

}  // namespace

TEST_CASE("whichever system call fails, and how, the result is right and the folder healthy", "[cache][faults]") {
  int runs = 0;
  for (const auto& [name, act] : scenarios) {
    const int calls = calls_of(act);
    CAPTURE(name, calls);
    REQUIRE(calls > 5);
    for (int at = 0; at < calls; at += stride)
      for (const int error : {EIO, ENOSPC, EACCES, EROFS, ESTALE, EINTR, 0}) {
        CAPTURE(at, error);
        const World world;
        std::string said;
        {
          const Warnings warnings;
          const FaultPlan plan(error == 0 ? FaultPlan::Kind::partial : FaultPlan::Kind::error, at, error);
          const bool is_right = act(world);
          CAPTURE(world.error);
          REQUIRE(is_right);
          said = warnings.all();
        }
        CAPTURE(said, world.error);
        check_bundles(world, error, said);
        check_health(world);
        ++runs;
      }
  }
  CHECK(runs * stride > 1000);
}

TEST_CASE("an interrupted or partial call changes nothing at all", "[cache][faults]") {
  for (int number = 0; number < programs; ++number) {
    const auto act = [&](const World& world) {
      KernelCache::Store store(world.root(), {}, world.settings);
      std::string reason;
      const auto loaded = store.load(numbered(number), reason);
      return number < 3 ? loaded && same_code(*loaded, code_of(number)) : !loaded;
    };
    const int calls = calls_of(act);
    for (int at = 0; at < calls; ++at) {
      CAPTURE(number, at);
      const World world;
      const FaultPlan plan(FaultPlan::Kind::partial, at);
      REQUIRE(act(world));
    }
  }
}

TEST_CASE("wherever the process dies, the folder is healthy after", "[cache][faults]") {
  int deaths = 0;
  for (const auto& [name, act] : scenarios) {
    const int calls = calls_of(act);
    for (int at = 0; at < calls; at += stride)
      for (const auto kind : {FaultPlan::Kind::dies, FaultPlan::Kind::dies_half}) {
        CAPTURE(name, at);
        const World world;
        const int code = test::in_child([&, act = act] {
          const FaultPlan plan(kind, at);
          return act(world) ? 0 : 1;
        });
        REQUIRE(code == FaultPlan::death);
        check_health(world);
        ++deaths;
      }
  }
  CHECK(deaths * stride > 200);
}
