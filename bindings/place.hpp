// SPDX-License-Identifier: MIT
// Where a value was given, as text that is made only when an error needs it.
#pragma once

#include <concepts>
#include <string>

namespace cujitsu::python {

/// Refers to a callable that returns text such as "scale(): argument 2 of 3 (float*)". A plain pair of pointers: the
/// callable must outlive it, as a lambda does in the call that it is an argument of.
class Place {
 public:
  template <class Text>
    requires(!std::same_as<Text, Place> && std::convertible_to<std::invoke_result_t<const Text&>, std::string>)
  Place(const Text& text)
      : source_(&text),
        make_([](const void* source) -> std::string { return (*static_cast<const Text*>(source))(); }) {}

  [[nodiscard]] std::string text() const { return make_(source_); }

 private:
  const void* source_;
  std::string (*make_)(const void* source);
};

}  // namespace cujitsu::python
