// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

// Spelled out, since inside the class `list` is the method.
using EntryList = Annotated<"collections.abc.MutableSequence[cujitsu._core.CacheEntry]">;
using FolderName = Annotated<"str | os.PathLike[str]">;

void register_values(py::module_& module) {
  py::class_<CacheEntry>(module, "CacheEntry", "One stored compile. Read only.")
      .def_property_readonly("key", text_member(&CacheEntry::key), "32 hexadecimal digits.")
      .def_readonly("path", &CacheEntry::path, "Its one file.")
      .def_readonly("file_bytes", &CacheEntry::file_bytes, "Size of the file.")
      .def_readonly("created", &CacheEntry::created, "Seconds since 1970, UTC.")
      .def_property_readonly("source", text_member(&CacheEntry::source), "The user's string.")
      .def_readonly("options", &CacheEntry::options, "As given; `arch` is the effective one.")
      .def_readonly("code", &CacheEntry::code, "The stored CompiledCode.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"key", "file_bytes", "code"}); });

  py::class_<CacheStats>(module, "CacheStats",
                         "Counters since the process started, and what is on disk now. A snapshot.")
      .def_readonly("hits", &CacheStats::hits)
      .def_readonly("misses", &CacheStats::misses)
      .def_readonly("bypasses", &CacheStats::bypasses)
      .def_readonly("seconds_compiling", &CacheStats::seconds_compiling, "Spent in NVRTC by this process.")
      .def_readonly("seconds_saved", &CacheStats::seconds_saved, "What the hits had cost when they were compiled.")
      .def_readonly("entries", &CacheStats::entries, "Files on disk.")
      .def_readonly("bytes", &CacheStats::bytes, "Bytes on disk.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(
            self, {"hits", "misses", "bypasses", "seconds_compiling", "seconds_saved", "entries", "bytes"});
      });
}

}  // namespace

void register_kernel_cache(py::module_& module) {
  register_values(module);

  py::class_<KernelCache>(module, "KernelCache",
                          R"(A folder of compiled code, one file for each entry, published by one rename.

Several threads and processes may use one folder at once. Nothing is created before the first entry is stored.
What goes wrong inside a compile is a warning in the log; only list, find and clear raise CacheError.
`cujitsu.cache` is the user's own; KernelCache(root) is another one, for SourceModule(cache=...) and compile(cache=...).)")
      .def(py::init([](const FolderName& root) {
             return std::make_unique<KernelCache>(py::cast<std::filesystem::path>(root));
           }),
           py::arg("root"), "A cache in the folder `root`; the format's version is a folder below it.")
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
      .def(
          "list",
          [](const KernelCache& self) {
            std::vector<CacheEntry> entries;
            {
              const GilRelease release;
              entries = self.list();
            }
            return EntryList(py::cast(std::move(entries)));
          },
          "Every readable entry, newest first; damaged files are left out. Raises CacheError.")
      .def(
          "find",
          [](const KernelCache& self, const std::string& prefix) {
            const GilRelease release;
            return self.find(prefix);
          },
          py::arg("prefix"),
          "The entry whose key starts with `prefix`. Raises CacheError when there is none, or more than one.")
      .def("clear", &KernelCache::clear, py::call_guard<GilRelease>(),
           "Removes every entry and returns how many; files that are not cujitsu's stay. Raises CacheError.")
      .def("stats", &KernelCache::stats, py::call_guard<GilRelease>(),
           "Hits, misses and seconds of this process; entries and bytes on disk.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"path"}); });
}

}  // namespace cujitsu::python
