// SPDX-License-Identifier: MIT
// The values that KernelCache answers with.
#include "cache_listing.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/cache_diff.hpp>
#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/recompile.hpp>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

namespace cujitsu::python {
namespace {

/// print() and a notebook show a table, which cujitsu.tables makes.
template <class... Class>
void define_table(py::class_<Class...>& type) {
  const auto table_of = [](const py::object& self) {
    return py::module_::import("cujitsu.tables").attr("table_of")(self);
  };
  type.def("__str__", [table_of](const py::object& self) { return py::str(table_of(self).attr("shown")()); })
      .def("_repr_html_", [table_of](const py::object& self) { return py::str(table_of(self).attr("to_html")()); })
      .def("__rich__", [table_of](const py::object& self) { return table_of(self).attr("to_rich")(); });
}

void register_entries(py::module_& module) {
  py::class_<CacheEntry>(module, "CacheEntry", "One stored compile, whole, as KernelCache.find returns it. Read only.")
      .def_property_readonly("key", text_member(&CacheEntry::key), "32 hexadecimal digits.")
      .def_readonly("path", &CacheEntry::path, "Its one file.")
      .def_readonly("file_bytes", &CacheEntry::file_bytes, "Size of the file.")
      .def_readonly("created", &CacheEntry::created, "Seconds since 1970, UTC.")
      .def_property_readonly("source", text_member(&CacheEntry::source), "The user's string.")
      .def_readonly("options", &CacheEntry::options, "As given; `arch` is what was asked for.")
      .def_readonly("code", &CacheEntry::code, "The stored CompiledCode.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"key", "file_bytes", "code"}); });

  py::class_<CacheSummary>(module, "CacheSummary",
                           "What KernelCache.list tells of an entry, from the first bytes of its file. Read only.")
      .def_property_readonly("key", text_member(&CacheSummary::key), "32 hexadecimal digits.")
      .def_readonly("path", &CacheSummary::path, "Its one file.")
      .def_property_readonly(
          "origin", [](const CacheSummary& self) { return self.origin == CacheOrigin::seed ? "seed" : "cache"; },
          "'cache', or 'seed' for one of a read-only folder behind it.")
      .def_readonly("file_bytes", &CacheSummary::file_bytes, "Size of the file.")
      .def_readonly("created", &CacheSummary::created, "Seconds since 1970, UTC.")
      .def_readonly("last_used", &CacheSummary::last_used, "Seconds since 1970, UTC; to the hour.")
      .def_readonly("hits", &CacheSummary::hits, "By all processes that have exited since.")
      .def_property_readonly("name", text_member(&CacheSummary::name), "The program's name.")
      .def_property_readonly("arch", text_member(&CacheSummary::arch), "What was asked for: 'sm_90'.")
      .def_property_readonly("kernels", text_list_member(&CacheSummary::kernels), "Their names.")
      .def_property_readonly("options", text_list_member(&CacheSummary::options), "The user's, in order.")
      .def_property_readonly("include_dirs", text_list_member(&CacheSummary::include_dirs))
      .def_property_readonly("name_expressions", text_list_member(&CacheSummary::name_expressions))
      .def_readonly("is_shortened", &CacheSummary::is_shortened,
                    "Whether the lists are not whole, because they were long; find() has all.")
      .def_readonly("seconds", &CacheSummary::seconds, "What NVRTC took.")
      .def_readonly("compiler_major", &CacheSummary::compiler_major, "NVRTC's version.")
      .def_readonly("compiler_minor", &CacheSummary::compiler_minor)
      .def_readonly("header_count", &CacheSummary::header_count, "How many headers it includes.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"key", "arch", "kernels", "file_bytes"}); });
}

void register_stats(py::module_& module) {
  py::class_<CacheCounters>(module, "CacheCounters", "What a cache was asked, and what that cost. Read only.")
      .def_readonly("hits", &CacheCounters::hits)
      .def_readonly("misses", &CacheCounters::misses)
      .def_readonly("bypasses", &CacheCounters::bypasses)
      .def_readonly("bytes_read", &CacheCounters::bytes_read, "Of entries, by hits.")
      .def_readonly("bytes_written", &CacheCounters::bytes_written, "Of entries.")
      .def_readonly("seconds_compiling", &CacheCounters::seconds_compiling, "Spent in NVRTC.")
      .def_readonly("seconds_saved", &CacheCounters::seconds_saved, "What the hits had cost when they were compiled.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(
            self, {"hits", "misses", "bypasses", "bytes_read", "bytes_written", "seconds_compiling", "seconds_saved"});
      });

  py::class_<CacheStats, CacheCounters> stats(
      module, "CacheStats",
      R"(The counters of this process since it started, and what is on disk now. A snapshot; prints as a table.)");
  stats.def_readonly("entries", &CacheStats::entries, "Files on disk.")
      .def_readonly("bytes", &CacheStats::bytes, "Bytes on disk.")
      .def_readonly("seed_entries", &CacheStats::seed_entries)
      .def_readonly("seed_bytes", &CacheStats::seed_bytes)
      .def_readonly("max_bytes", &CacheStats::max_bytes, "The bound; 0 for none.")
      .def_property_readonly(
          "folder", [](const CacheStats& self) { return self.folder; },
          "The counters of all processes that used the folder; each tells its own when it exits.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(
            self, {"hits", "misses", "bypasses", "seconds_compiling", "seconds_saved", "entries", "bytes"});
      });
  define_table(stats);
}

void register_reports(py::module_& module) {
  py::class_<PruneResult>(module, "PruneResult", "What KernelCache.prune removed, or would have. Read only.")
      .def_readonly("entries", &PruneResult::entries)
      .def_readonly("bytes", &PruneResult::bytes)
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"entries", "bytes"}); });

  py::class_<CacheProblem>(module, "CacheProblem", "A file that is not what it should be. Read only.")
      .def_property_readonly("key", text_member(&CacheProblem::key))
      .def_readonly("path", &CacheProblem::path)
      .def_property_readonly("problem", text_member(&CacheProblem::problem), "A phrase: 'damaged (checksum)'.")
      .def_readonly("damaged", &CacheProblem::damaged,
                    "Its content is wrong; else it could not be read, or is not to be trusted.")
      .def_readonly("removed", &CacheProblem::removed)
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"key", "problem", "removed"}); });

  py::class_<RecompiledEntry>(module, "RecompiledEntry",
                              "An entry that was not the same when compiled anew. Read only.")
      .def_property_readonly("key", text_member(&RecompiledEntry::key))
      .def_readonly("path", &RecompiledEntry::path)
      .def_property_readonly("name", text_member(&RecompiledEntry::name), "The program's.")
      .def_property_readonly(
          "outcome", [](const RecompiledEntry& self) { return text(to_string(self.outcome)); },
          "'differs', 'skipped' or 'failed'.")
      .def_property_readonly("detail", text_member(&RecompiledEntry::detail), "A phrase.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"key", "name", "outcome", "detail"}); });

  py::class_<RecompileReport> recompiled(
      module, "RecompileReport", "Stored code against what the compiler makes now. Read only; prints as a table.");
  recompiled.def_readonly("same", &RecompileReport::same, "PTX and machine code are equal, byte by byte.")
      .def_readonly("differing", &RecompileReport::differing)
      .def_readonly("skipped", &RecompileReport::skipped,
                    "Headers or compiler are not as they were, or it knows no such GPU.")
      .def_readonly("failed", &RecompileReport::failed)
      .def_readonly("seconds", &RecompileReport::seconds, "What the compiles took.")
      .def_property_readonly(
          "entries", [](const RecompileReport& self) { return self.entries; }, "All that are not the same.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(self, {"same", "differing", "skipped", "failed", "seconds"});
      });
  define_table(recompiled);

  py::class_<Verification> report(module, "VerifyReport",
                                  "What KernelCache.verify found. Read only; prints as a table.");
  report.def_readonly("entries", &Verification::entries, "Looked at, those with problems among them.")
      .def_readonly("bytes", &Verification::bytes)
      .def_property_readonly("problems", [](const Verification& self) { return self.problems; })
      .def_property_readonly(
          "recompiled", [](const Verification& self) { return self.recompiled; },
          "A RecompileReport where verify(recompile=True) was asked for, else None.")
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"entries", "bytes", "problems", "recompiled"}); });
  define_table(report);
}

void register_diff(py::module_& module) {
  py::class_<KernelPair>(module, "KernelPair", "A kernel of either of two entries. Read only.")
      .def_property_readonly("name", text_member(&KernelPair::name), "Its signature.")
      .def_readonly("before", &KernelPair::before, "KernelResources, or None where that entry has no such kernel.")
      .def_readonly("after", &KernelPair::after, "Likewise.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"name", "before", "after"}); });

  py::class_<CacheDiff> diff(module, "CacheDiff",
                             "What one entry has otherwise than another. Read only; prints as a table.");
  diff.def_property_readonly("before", text_member(&CacheDiff::before), "Its key.")
      .def_property_readonly("after", text_member(&CacheDiff::after), "Its key.")
      .def_property_readonly("changes", text_list_member(&CacheDiff::changes),
                             "Of the request, the compiler and the headers: ['option -O1 added'].")
      .def_property_readonly("source_diff", text_member(&CacheDiff::source_diff),
                             "The sources as `diff -u` shows them; '' where they are equal.")
      .def_property_readonly("kernels", [](const CacheDiff& self) { return self.kernels; })
      .def_readonly("ptx_equal", &CacheDiff::ptx_equal)
      .def_readonly("cubin_equal", &CacheDiff::cubin_equal)
      .def_readonly("log_equal", &CacheDiff::log_equal)
      .def("__repr__", [](py::handle self) {
        return attributes_repr(self, {"before", "after", "changes", "ptx_equal", "cubin_equal"});
      });
  define_table(diff);
}

}  // namespace

void register_cache_values(py::module_& module) {
  register_entries(module);
  register_stats(module);
  register_reports(module);
  register_diff(module);
}

}  // namespace cujitsu::python
