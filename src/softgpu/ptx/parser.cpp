// SPDX-License-Identifier: MIT
// Text to ptx::Module.
#include "softgpu/ptx/parser.hpp"

#include "softgpu/ptx/module_parser.hpp"

#include <limits>
#include <memory>
#include <utility>

namespace cujitsu::softgpu::ptx {

Module parse(std::string text) {
  while (text.ends_with('\0')) text.pop_back();  // as a C string is often handed over
  if (text.find(".version") == std::string::npos)
    throw ParseError(ParseError::Kind::not_ptx, 0, "Binary format for key='0', ident='' is not recognized");
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw ParseError(ParseError::Kind::syntax, 0, "Text is larger than 4 GiB");
  Module module;
  module.texts.push_back(std::make_shared<const std::string>(std::move(text)));
  ModuleParser(module).parse();
  return module;
}

}  // namespace cujitsu::softgpu::ptx
