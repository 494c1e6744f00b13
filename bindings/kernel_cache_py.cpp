// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "cache_listing.hpp"
#include "compile_request.hpp"
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/cache_diff.hpp>
#include <cujitsu/cache_order.hpp>
#include <cujitsu/compile.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/recompile.hpp>
#include <cujitsu/stored_compile.hpp>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

using FolderName = Annotated<"str | os.PathLike[str]">;

// What a filter may be in Python.
CacheFilter filter_of(const std::string& function, std::optional<std::string> arch, std::optional<std::string> name,
                      const DurationLike& older_than) {
  return {std::move(arch).value_or(""), std::move(name).value_or(""), duration(function, "older_than", older_than)};
}

KernelCacheOptions options_of(const BytesLike& max_bytes, const std::vector<std::filesystem::path>& seeds,
                              const std::optional<std::filesystem::path>& key_file) {
  KernelCacheOptions options;
  if (const auto bytes = byte_count("KernelCache", "max_bytes", max_bytes)) options.max_bytes = *bytes;
  options.seeds = seeds;
  if (key_file) options.key_file = *key_file;
  return options;
}

ListingOfEntries list(const KernelCache& self, std::optional<std::string> arch, std::optional<std::string> name,
                      const DurationLike& older_than, const std::string& sort, bool reverse,
                      std::optional<std::size_t> limit) {
  const auto filter = filter_of("list", std::move(arch), std::move(name), older_than);
  const auto order = cache_order(sort);
  std::vector<CacheSummary> entries;
  {
    const GilRelease release;
    entries = self.list(filter);
    sort_entries(entries, order);
    if (reverse) std::ranges::reverse(entries);
    if (limit && entries.size() > *limit) entries.resize(*limit);
  }
  return listing(entries, !self.seeds().empty());
}

Verification verify(KernelCache& self, bool remove_damaged, bool recompile, std::optional<std::string> arch,
                    std::optional<std::string> name, const DurationLike& older_than) {
  const auto filter = filter_of("verify", std::move(arch), std::move(name), older_than);
  const bool filters = !filter.arch.empty() || !filter.name.empty() || filter.older_than;
  if (filters && !recompile)
    throw ArgumentError(
        "verify(): arch, name and older_than choose what recompile=True compiles; without it every entry "
        "is checked");
  Verification result;
  const GilRelease release;
  static_cast<VerifyReport&>(result) = self.verify({.remove_damaged = remove_damaged});
  if (recompile)
    result.recompiled = cujitsu::recompile(self, filter, [](std::uint64_t, std::uint64_t) {
      const py::gil_scoped_acquire gil;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();  // Ctrl-C between two compiles
    });
  return result;
}

PruneResult prune(KernelCache& self, const BytesLike& max_bytes, const DurationLike& older_than,
                  std::optional<std::string> arch, std::optional<std::string> name, bool dry_run) {
  PruneOptions options;
  options.max_bytes = byte_count("prune", "max_bytes", max_bytes);
  options.older_than = duration("prune", "older_than", older_than);
  options.arch = std::move(arch).value_or("");
  options.name = std::move(name).value_or("");
  options.dry_run = dry_run;
  const GilRelease release;
  return self.prune(options);
}

// 1 to 32 hexadecimal digits, which no program is.
bool is_key(py::handle value) {
  if (!PyUnicode_Check(value.ptr())) return false;
  const auto digits = py::cast<std::string>(value);
  return !digits.empty() && digits.size() <= 32 &&
         digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

Explanation explain(KernelCache& self, const SourceText& source, const py::kwargs& keywords) {
  if (keywords.contains("cache"))
    throw ArgumentError("explain(): a cache explains itself; cujitsu.explain(cache=...) takes another one",
                        ArgumentError::Kind::type);
  const bool is_entry = py::isinstance<CacheSummary>(source) || py::isinstance<CacheEntry>(source);
  if (is_entry || is_key(source)) {
    if (!keywords.empty())
      throw ArgumentError("explain(): the options of a compile go with a source; an entry's own are stored with it",
                          ArgumentError::Kind::type);
    const auto key = py::cast<std::string>(is_entry ? py::object(source.attr("key")) : py::object(source));
    const GilRelease release;
    return explain_entry(key, self);
  }
  const CompileRequest request = compile_request("explain", source, keywords);
  const GilRelease release;
  return cujitsu::explain(request.source, request.options, &self);
}

void define_questions(py::class_<KernelCache>& cache) {
  cache
      .def("list", &list, py::kw_only(), py::arg("arch") = py::none(), py::arg("name") = py::none(),
           py::arg("older_than") = py::none(), py::arg("sort") = "newest", py::arg("reverse") = false,
           py::arg("limit") = py::none(),
           R"(Every entry whose beginning is readable, or those that fit: a list of CacheSummary that prints as a table.

arch, name: `*`, `?` and `[...]` stand for what they do in a shell; name is the program's or a kernel's. older_than: not
used for so long, as seconds, '7d' or a timedelta. sort: 'newest', 'age', 'used', 'size', 'hits' or 'seconds'.
Raises CacheError, ArgumentError.)")
      .def(
          "find",
          [](const KernelCache& self, const std::string& prefix) {
            const GilRelease release;
            return self.find(prefix);
          },
          py::arg("prefix"),
          "The entry whose key starts with `prefix`. Raises CacheError when there is none, or more than one.")
      .def("stats", &KernelCache::stats, py::call_guard<GilRelease>(),
           "Hits, misses and seconds, of this process and of the folder; entries and bytes on disk.")
      .def(
          "diff",
          [](KernelCache& self, const std::string& before, const std::string& after) {
            const GilRelease release;
            return diff(before, after, self);
          },
          py::arg("before"), py::arg("after"),
          "What one entry has otherwise than another; each is a key or its first digits. Raises CacheError.");
  // The signature is written by hand: the keywords are checked in compile_request, which names an unknown one.
  py::options options;
  options.disable_function_signatures();
  cache.def("explain", &explain, py::arg("source"),
            "explain(self: cujitsu._core.KernelCache, "
            "source: str | bytes | cujitsu._core.CacheSummary | cujitsu._core.CacheEntry, "
            "**keywords: typing.Any) -> cujitsu._core.Explanation"
            R"(

Tells what a compile would find in this cache, and what has changed; compiles, stores and counts nothing.

With a source, the keywords are compile()'s but for `cache`. With an entry or a key (1 to 32 hexadecimal digits), it is the
compile of the same request, and `changes` what is otherwise now than it was for that entry. Raises CacheError,
ArgumentError, LoadError.)");
}

void define_care(py::class_<KernelCache>& cache) {
  cache
      .def("clear", &KernelCache::clear, py::call_guard<GilRelease>(),
           "Removes every entry and returns how many; seeds and files that are not cujitsu's stay. Raises CacheError.")
      .def(
          "prune", &prune, py::kw_only(), py::arg("max_bytes") = py::none(), py::arg("older_than") = py::none(),
          py::arg("arch") = py::none(), py::arg("name") = py::none(), py::arg("dry_run") = false,
          R"(Removes entries: with max_bytes (bytes or '500M') the least recently used, until all are no larger; without it
all that fit the other arguments, which are list()'s; with none, down to 80 % of the cache's own bound. Seeds stay.

Raises CacheError, ArgumentError.)")
      .def("verify", &verify, py::kw_only(), py::arg("remove_damaged") = false, py::arg("recompile") = false,
           py::arg("arch") = py::none(), py::arg("name") = py::none(), py::arg("older_than") = py::none(),
           R"(Checks every entry's frame, hash, name and content, seeds included.

With recompile, also compiles the request of each entry that fits (as in list) anew and compares PTX and machine code
byte by byte. Raises CacheError, ArgumentError; LoadError where recompile finds no NVRTC.)");
}

void register_bundles(py::module_& module, py::class_<KernelCache>& cache) {
  py::class_<BundleExport>(module, "BundleExport", "What export_bundle wrote.")
      .def_readonly("entries", &BundleExport::entries)
      .def_readonly("bytes", &BundleExport::bytes, "Of the bundle.")
      .def_property_readonly("problems", text_list_member(&BundleExport::problems),
                             "One sentence for each entry, or seed, that was left out because it can not be read.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"entries", "bytes", "problems"}); });
  py::class_<BundleImport>(module, "BundleImport", "What import_bundle stored.")
      .def_readonly("imported", &BundleImport::imported)
      .def_readonly("kept", &BundleImport::kept, "They were in the cache already.")
      .def_property_readonly("problems", text_list_member(&BundleImport::problems),
                             "One sentence for each entry that was left out because it is damaged.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"imported", "kept", "problems"}); });

  cache
      .def(
          "export_bundle",
          [](const KernelCache& self, const FolderName& file, const std::vector<std::string>& keys,
             std::optional<std::string> arch, std::optional<std::string> name, const DurationLike& older_than) {
            const auto path = py::cast<std::filesystem::path>(file);
            const auto filter = filter_of("export_bundle", std::move(arch), std::move(name), older_than);
            const GilRelease release;
            return self.export_bundle(path, filter, keys);
          },
          py::arg("file"), py::kw_only(), py::arg("keys") = py::tuple(), py::arg("arch") = py::none(),
          py::arg("name") = py::none(), py::arg("older_than") = py::none(),
          R"(Writes entries into one file: all, seeds' too, or those that fit what is given.

keys: leading digits of keys; arch, name and older_than as in list(). Raises CacheError when there is nothing to write or
the file can not be written; ArgumentError.)")
      .def(
          "import_bundle",
          [](KernelCache& self, const FolderName& file) {
            const auto path = py::cast<std::filesystem::path>(file);
            const GilRelease release;
            return self.import_bundle(path);
          },
          py::arg("file"),
          R"(Stores the entries of a bundle, each after a check; what is here already is kept.

A damaged entry is left out and told in the result. With a key file, only what was made with it is taken. Raises CacheError when the bundle can not be read or is of another
format version, and when this cache can not be written to.)");
}

}  // namespace

void register_kernel_cache(py::module_& module) {
  register_cache_values(module);

  py::class_<KernelCache> cache(module, "KernelCache",
                                R"(A folder of compiled code, one file for each entry, published by one rename.

Several threads and processes may use one folder at once. Nothing is created before the first entry is stored.
What goes wrong inside a compile is a warning in the log; only what asks or cleans the cache raises CacheError.
`cujitsu.cache` is the user's own; KernelCache(root) is another one, for SourceModule(cache=...) and compile(cache=...).)");
  cache
      .def(py::init([](const FolderName& root, const BytesLike& max_bytes,
                       const std::vector<std::filesystem::path>& seeds,
                       const std::optional<std::filesystem::path>& key_file) {
             return std::make_unique<KernelCache>(py::cast<std::filesystem::path>(root),
                                                  options_of(max_bytes, seeds, key_file));
           }),
           py::arg("root"), py::kw_only(), py::arg("max_bytes") = py::none(), py::arg("seeds") = py::tuple(),
           py::arg("key_file") = py::none(),
           R"(A cache in the folder `root`; the format's version is a folder below it.

max_bytes: its bound, as bytes or '500M'; 1 GiB where it is None, 0 for no bound. seeds: roots of other caches, read only.
key_file: authenticates entries.)")
      .def_static("standard", &KernelCache::standard, py::return_value_policy::reference,
                  "The user's own cache: CUJITSU_CACHE_DIR, else $XDG_CACHE_HOME/cujitsu, else ~/.cache/cujitsu.")
      .def_property_readonly(
          "path",
          [](const KernelCache& self) -> std::optional<std::filesystem::path> {
            if (self.path().empty()) return std::nullopt;
            return self.path();
          },
          "The folder that holds the entries, version included; None when the cache is disabled.")
      .def_property_readonly(
          "disabled_reason", [](const KernelCache& self) { return text(self.disabled_reason()); },
          "'', or why this cache is not used at all.")
      .def_property_readonly(
          "seeds", [](const KernelCache& self) { return self.seeds(); }, "The roots of the read-only caches behind it.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"path"}); });
  define_questions(cache);
  define_care(cache);
  register_bundles(module, cache);
}

}  // namespace cujitsu::python
