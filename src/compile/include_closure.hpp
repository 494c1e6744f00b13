// SPDX-License-Identifier: MIT
// Every file that NVRTC reads for a program, and every path that it looks at and finds nothing.
#pragma once

#include "base/header_record.hpp"
#include "compile/options.hpp"

#include <cujitsu/compile_options.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct IncludeClosure {
  std::string uncacheable;  ///< why nobody can tell what NVRTC reads; else empty
  ClosureRecord record;     ///< without texts
  /// That of the source's first `leading_bytes` alone, where it was asked for; it may be told though the rest can not.
  /// Nothing where that part would be another text in another program, or at another time: __BASE_FILE__, __TIME__.
  std::optional<ClosureRecord> leading;
};

/// What the search depends on beside the source.
struct ClosureRequest {
  const CompileOptions& options;                  ///< its name and its headers in memory
  const std::vector<std::string>& nvrtc_options;  ///< in order, without the toolkit's folders
  const std::vector<std::string>& toolkit_dirs;   ///< searched last
  CompilerVersion version;
  std::size_t leading_bytes = 0;  ///< whole lines that the source begins with; 0: nothing is asked of them
};

/// The closure of a source: exact for conditions on what the source, its headers and the options define. A condition that
/// only the compiler can decide is taken both ways, so that there may be files that NVRTC does not read, never the other
/// way round. Reads files, throws nothing but bad_alloc. Any thread.
[[nodiscard]] IncludeClosure find_closure(std::string_view source, const ClosureRequest& request);

/// Whether a compile now would read the same: every file has its content or is at least there,
/// and where no file was there is none. `changed`
/// is then a sentence on the first difference. Costs one stat a path. Any thread.
[[nodiscard]] bool still_holds(const ClosureRecord& closure, std::string& changed);
/// The same; where it holds the stamps are those of now.
[[nodiscard]] bool refresh(ClosureRecord& closure, std::string& changed);

/// False for a program of which it is plain at a glance that it reads no header from disk, and that nothing in its options
/// does: its closure is empty. Any thread.
[[nodiscard]] bool may_read_files(std::string_view source, const std::vector<std::string>& nvrtc_options,
                                  CompilerVersion version);

}  // namespace cujitsu::compiler
