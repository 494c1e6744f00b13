// SPDX-License-Identifier: MIT
#include "keywords.hpp"

#include "base/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cujitsu::python {

void check_keywords(const std::string& function, const py::kwargs& keywords,
                    std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : keywords) {
    const auto name = py::cast<std::string>(key);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::vector<std::string> candidates(known.begin(), known.end());
    const auto nearest = text::nearest(name, candidates);
    throw ArgumentError(
        fmt::format("{}() has no keyword '{}'{}; it takes {}", function, name,
                    nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "", text::join(candidates, ", ")),
        ArgumentError::Kind::type);
  }
}

py::handle keyword(const py::kwargs& keywords, const char* name) { return PyDict_GetItemString(keywords.ptr(), name); }

}  // namespace cujitsu::python
