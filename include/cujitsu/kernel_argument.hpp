// SPDX-License-Identifier: MIT
// From C++ values to what a launch hands to the driver.
#pragma once

#include <cujitsu/device_buffer.hpp>
#include <cujitsu/element_type.hpp>
#include <cujitsu/memory.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace cujitsu {

/// What is known of an argument before it has a value.
struct ArgumentType {
  enum class Kind : std::uint8_t { integer, floating, pointer, bytes };
  Kind kind = Kind::bytes;
  bool points_at_const = false;
  std::uint32_t size = 0;    ///< bytes
  ElementType pointee = {};  ///< of a pointer; unknown for a DeviceBuffer

  friend constexpr bool operator==(const ArgumentType&, const ArgumentType&) = default;
};

/// One argument of a launch: `type.size` bytes at `data`, as the kernel shall see them.
struct KernelArgument {
  const void* data;
  ArgumentType type;
};

namespace detail {

/// The type of an argument, and room for its value as the kernel sees it.
template <class T>
struct ArgumentHolder {
  static_assert(std::is_trivially_copyable_v<T>, "a kernel argument must be trivially copyable");
  static_assert(!std::is_array_v<T>, "pass device memory, not a host array");
  T value;
  explicit ArgumentHolder(const T& argument) : value(argument) {}

  static constexpr ArgumentType type() noexcept {
    using Kind = ArgumentType::Kind;
    if constexpr (std::is_pointer_v<T>) {
      using Pointee = std::remove_pointer_t<T>;
      return {Kind::pointer, std::is_const_v<Pointee>, sizeof(T), element_of<Pointee>()};
    } else if constexpr (std::is_null_pointer_v<T>) {
      return {Kind::pointer, false, sizeof(T), {}};
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return {Kind::integer, false, sizeof(T), {}};
    } else if constexpr (std::is_floating_point_v<T>) {
      return {Kind::floating, false, sizeof(T), {}};
    } else {
      return {Kind::bytes, false, sizeof(T), {}};
    }
  }
};

struct AddressHolder {
  DevicePointer value;
  static constexpr ArgumentType type() noexcept {
    return {ArgumentType::Kind::pointer, false, sizeof(DevicePointer), {}};
  }
};

template <>
struct ArgumentHolder<DeviceBuffer> : AddressHolder {
  explicit ArgumentHolder(const DeviceBuffer& buffer) : AddressHolder{buffer.address()} {}
};

template <>
struct ArgumentHolder<DeviceSpan> : AddressHolder {
  explicit ArgumentHolder(const DeviceSpan& span) : AddressHolder{span.address()} {}
};

/// Device memory; the kernel sees its address.
template <class T, std::size_t Extent>
struct ArgumentHolder<std::span<T, Extent>> : ArgumentHolder<T*> {
  explicit ArgumentHolder(const std::span<T, Extent>& span) : ArgumentHolder<T*>(span.data()) {}
};

/// One for each list of argument types, so that its address tells them apart; one longer than the list, so that an empty
/// list has an address too.
template <class... Arguments>
inline constexpr std::array<ArgumentType, sizeof...(Arguments) + 1> argument_types{ArgumentHolder<Arguments>::type()...,
                                                                                   ArgumentType{}};

}  // namespace detail
}  // namespace cujitsu
