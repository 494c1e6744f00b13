// SPDX-License-Identifier: MIT
#include "argument_place.hpp"

#include <fmt/format.h>

namespace cujitsu::python {

std::string ArgumentPlace::position() const {
  return fmt::format("argument {} of {} ({})", index_ + 1, kernel_->signature.parameters.size(),
                     cujitsu::to_string(parameter()));
}

std::string ArgumentPlace::to_string() const { return fmt::format("{}(): {}", kernel_->name, position()); }

}  // namespace cujitsu::python
