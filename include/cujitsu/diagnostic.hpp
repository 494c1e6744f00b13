// SPDX-License-Identifier: MIT
// One message of the compiler, as data.
#pragma once

#include <string>

namespace cujitsu {

/// A plain value, made from NVRTC's log. Lines and columns count from 1, in the user's own string; 0 means not given.
struct Diagnostic {
  std::string file;      ///< the program's name, or the header's
  int line = 0;          ///< honours #line
  int column = 0;        ///< from the caret; a tab counts as one column
  std::string severity;  ///< "error", "warning", "remark", "note" or "catastrophic error"
  std::string code;      ///< NVRTC's message number such as "177-D", or empty
  std::string text;      ///< the message, without position and severity
  std::string source;    ///< the source line it points at, or empty
};

}  // namespace cujitsu
