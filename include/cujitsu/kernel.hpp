// SPDX-License-Identifier: MIT
// One entry point, ready to launch.
#pragma once

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/device.hpp>
#include <cujitsu/device_buffer.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/launch_config.hpp>
#include <cujitsu/memory.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace cujitsu {

/// What the driver says of a kernel on one device.
struct KernelAttributes {
  int registers = 0;  ///< for each thread
  std::size_t shared_bytes = 0;
  std::size_t local_bytes = 0;
  std::size_t constant_bytes = 0;  ///< user constants (__constant__), not the parameters
  int max_threads_per_block = 0;
  int ptx_version = 0;     ///< 10 * major + minor of the virtual architecture
  int binary_version = 0;  ///< 10 * major + minor of the machine code
};

/// How many blocks of a launch fit on one multiprocessor.
struct Occupancy {
  int blocks_per_multiprocessor = 0;
  double fraction = 0;  ///< resident threads / the most a multiprocessor holds
};

/// One argument of a launch: `size` bytes at `data`, as the kernel shall see them.
struct KernelArgument {
  enum class Kind { integer, floating, pointer, bytes };
  const void* data;
  std::size_t size;
  Kind kind;
};

class BoundLaunch;

/// One kernel of a SourceModule, for every device. Copies are cheap and share the module, which lives as long as any.
/// May be used from any thread. All members throw DriverError and LoadError besides what they name.
class CUJITSU_API Kernel {
 public:
  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] const std::string& lowered_name() const noexcept;
  [[nodiscard]] const KernelSignature& signature() const noexcept;

  /// For the current device.
  [[nodiscard]] KernelAttributes attributes() const;
  /// For a block of `block` threads with `shared` bytes of dynamic shared memory, on the current device.
  [[nodiscard]] Occupancy occupancy(Dim3 block, std::uint32_t shared = 0) const;

  /// Queues the kernel; returns at once. Each argument is a DeviceBuffer, a DeviceSpan, a pointer to device memory, a
  /// number, or a trivially copyable struct, and has the parameter's size: an int for an int, not for a long long.
  /// Throws ArgumentError (count, size or kind of an argument; a dimension of 0) and LaunchError.
  template <class... Arguments>
  void launch(const LaunchConfig& config, const Arguments&... arguments) const;

  /// The same with arguments made by hand; `data` is read before this returns.
  void launch_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const;

  /// Packs arguments and configuration once, for many calls. Device memory named here must outlive the calls.
  template <class... Arguments>
  [[nodiscard]] BoundLaunch bind(const LaunchConfig& config, const Arguments&... arguments) const;
  [[nodiscard]] BoundLaunch bind_packed(const LaunchConfig& config, std::span<const KernelArgument> arguments) const;

  struct State;
  explicit Kernel(std::shared_ptr<const State> state) noexcept;

 private:
  friend class BoundLaunch;
  std::shared_ptr<const State> state_;
};

/// A kernel with its arguments and configuration already packed and checked. One thread at a time.
class CUJITSU_API BoundLaunch {
 public:
  /// Queues the kernel. Throws LaunchError, DriverError.
  void operator()() const;
  /// Replaces argument `index` (from 0). Throws ArgumentError as launch does.
  template <class Argument>
  void replace(std::size_t index, const Argument& argument);
  void replace_packed(std::size_t index, const KernelArgument& argument);

  [[nodiscard]] const LaunchConfig& config() const noexcept { return config_; }

 private:
  friend class Kernel;
  BoundLaunch(Kernel kernel, const LaunchConfig& config);
  Kernel kernel_;
  LaunchConfig config_;
  std::vector<std::byte> bytes_;  // each parameter at its offset
};

namespace detail {

/// Room for a converted argument, and the KernelArgument that points at it.
template <class T>
struct ArgumentHolder {
  static_assert(std::is_trivially_copyable_v<T>, "a kernel argument must be trivially copyable");
  static_assert(!std::is_array_v<T>, "pass device memory, not a host array");
  T value;
  explicit ArgumentHolder(const T& argument) : value(argument) {}
  [[nodiscard]] KernelArgument get() const noexcept {
    using Kind = KernelArgument::Kind;
    constexpr Kind kind = std::is_pointer_v<T> || std::is_null_pointer_v<T> ? Kind::pointer
                          : std::is_integral_v<T> || std::is_enum_v<T>      ? Kind::integer
                          : std::is_floating_point_v<T>                     ? Kind::floating
                                                                            : Kind::bytes;
    return {&value, sizeof(T), kind};
  }
};

struct AddressHolder {
  DevicePointer value;
  [[nodiscard]] KernelArgument get() const noexcept { return {&value, sizeof value, KernelArgument::Kind::pointer}; }
};

template <>
struct ArgumentHolder<DeviceBuffer> : AddressHolder {
  explicit ArgumentHolder(const DeviceBuffer& buffer) : AddressHolder{buffer.address()} {}
};

template <>
struct ArgumentHolder<DeviceSpan> : AddressHolder {
  explicit ArgumentHolder(const DeviceSpan& span) : AddressHolder{span.address()} {}
};

}  // namespace detail

template <class... Arguments>
void Kernel::launch(const LaunchConfig& config, const Arguments&... arguments) const {
  [&](const auto&... holders) {
    const std::array<KernelArgument, sizeof...(Arguments)> packed{holders.get()...};
    launch_packed(config, packed);
  }(detail::ArgumentHolder<Arguments>(arguments)...);
}

template <class... Arguments>
BoundLaunch Kernel::bind(const LaunchConfig& config, const Arguments&... arguments) const {
  return [&](const auto&... holders) {
    const std::array<KernelArgument, sizeof...(Arguments)> packed{holders.get()...};
    return bind_packed(config, packed);
  }(detail::ArgumentHolder<Arguments>(arguments)...);
}

template <class Argument>
void BoundLaunch::replace(std::size_t index, const Argument& argument) {
  const detail::ArgumentHolder<Argument> holder(argument);
  replace_packed(index, holder.get());
}

}  // namespace cujitsu
