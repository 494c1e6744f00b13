// SPDX-License-Identifier: MIT
// What cujitsu.cache returns, as Python values.
#pragma once

#include "annotations.hpp"

#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/recompile.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cujitsu::python {

using ListingOfEntries = Annotated<"cujitsu.tables.CacheListing">;
using DurationLike = Annotated<"float | str | datetime.timedelta | None">;
using BytesLike = Annotated<"int | str | None">;

/// KernelCache.verify's answer: what was compiled anew is there only where that was asked for.
struct Verification : VerifyReport {
  std::optional<RecompileReport> recompiled;
};

/// A CacheListing, which is a list and prints as a table. cujitsu.tables is imported when first needed.
[[nodiscard]] ListingOfEntries listing(const std::vector<CacheSummary>& entries, bool with_origin);

/// Seconds, "7d", or a timedelta; nothing for None. Throws ArgumentError.
[[nodiscard]] std::optional<std::chrono::seconds> duration(const std::string& function, const char* name,
                                                           const py::object& value);

/// Bytes or "500M"; nothing for None. Throws ArgumentError.
[[nodiscard]] std::optional<std::uint64_t> byte_count(const std::string& function, const char* name,
                                                      const py::object& value);

}  // namespace cujitsu::python
