// SPDX-License-Identifier: MIT
// One entry point, ready to launch.
#pragma once

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/device.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_argument.hpp>
#include <cujitsu/launch_config.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
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

/// A block size that fills the device, and how many such blocks do.
struct BlockSuggestion {
  int block = 0;     ///< threads
  int min_grid = 0;  ///< blocks
};

class BoundLaunch;

/// One kernel of a SourceModule, for every device. Copies are cheap and share the module, which lives as long as any.
/// May be used from any thread. All members throw DriverError and LoadError besides what they name.
class CUJITSU_API Kernel {
 public:
  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] const std::string& lowered_name() const noexcept;
  /// Where there is machine code alone, the driver tells it (cuKernelGetParamInfo, CUDA 12.4).
  [[nodiscard]] const KernelSignature& signature() const noexcept;

  /// For the current device.
  [[nodiscard]] KernelAttributes attributes() const;
  /// For a block of `block` threads with `shared` bytes of dynamic shared memory, on the current device.
  [[nodiscard]] Occupancy occupancy(Dim3 block, std::uint32_t shared = 0) const;
  /// The block size with the highest occupancy on the current device, for `shared` bytes of dynamic shared memory a
  /// block and at most `limit` threads (0: no limit of your own), by the driver's occupancy calculator.
  [[nodiscard]] BlockSuggestion suggest_block(std::uint32_t shared = 0, int limit = 0) const;

  /// Queues the kernel; returns at once. Each argument is a DeviceBuffer, a DeviceSpan, a pointer to device memory, a
  /// std::span of it, a number, or a trivially copyable struct, and is what the parameter is: an int for an int, not for
  /// a long long; a float* for a float* or a void*. The types are compared once for each list of types; nothing is
  /// allocated. Throws ArgumentError (count, size, kind or pointee of an argument; a dimension of 0) and LaunchError.
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
  [[nodiscard]] const State& state() const noexcept { return *state_; }

 private:
  friend class BoundLaunch;
  template <class Signature>
  friend class TypedKernel;

  /// Throws ArgumentError unless arguments of these types fit. Remembers lists that do, by their address.
  void check_types(const ArgumentType* types, std::size_t count) const;
  void launch_checked(const LaunchConfig& config, const ArgumentType* types, std::size_t count, void** values) const;
  [[nodiscard]] BoundLaunch bind_checked(const LaunchConfig& config, const ArgumentType* types, std::size_t count,
                                         void** values) const;

  std::shared_ptr<const State> state_;
};

/// A kernel with its arguments and configuration already packed and checked. One thread at a time.
class CUJITSU_API BoundLaunch {
 public:
  BoundLaunch(const BoundLaunch& other);
  BoundLaunch& operator=(const BoundLaunch& other);
  BoundLaunch(BoundLaunch&&) noexcept = default;
  BoundLaunch& operator=(BoundLaunch&&) noexcept = default;
  ~BoundLaunch() = default;

  /// Queues the kernel. Throws LaunchError, DriverError.
  void operator()() const;
  /// Replaces argument `index` (from 0). Throws ArgumentError as launch does.
  template <class Argument>
  void replace(std::size_t index, const Argument& argument);
  void replace_packed(std::size_t index, const KernelArgument& argument);

  [[nodiscard]] const Kernel& kernel() const noexcept { return kernel_; }
  [[nodiscard]] const LaunchConfig& config() const noexcept { return config_; }
  /// What cuLaunchKernel takes in the current context, allowed the shared memory of config(). Throws as a launch does.
  [[nodiscard]] FunctionHandle function() const;
  /// Pointers to the packed arguments in order, as the driver takes them; valid until this is moved or destroyed.
  [[nodiscard]] void** parameters() const noexcept { return const_cast<void**>(parameters_.data()); }

 private:
  friend class Kernel;
  BoundLaunch(Kernel kernel, const LaunchConfig& config);
  void point_at_bytes();

  Kernel kernel_;
  LaunchConfig config_;
  std::vector<std::byte> bytes_;  // each parameter at its offset
  std::vector<void*> parameters_;
};

/// A kernel whose parameters are known when the program is compiled: SourceModule::get_function<void(float*, int)>(name).
/// Arguments are converted to the parameters as in any C++ call. As Kernel otherwise.
template <class Signature>
class TypedKernel;

namespace detail {

/// How a parameter of a TypedKernel takes its argument.
template <class T>
struct TypedParameter {
  T value;
  TypedParameter(const T& argument) : value(argument) {}
};

/// Device memory by any of its names.
template <class T>
struct TypedParameter<T*> {
  T* value;
  TypedParameter(T* address) : value(address) {}
  TypedParameter(std::nullptr_t) : value(nullptr) {}
  TypedParameter(const DeviceBuffer& buffer) : value(pointer(buffer.address())) {}
  TypedParameter(const DeviceSpan& span) : value(pointer(span.address())) {}
  template <class U, std::size_t Extent>
    requires std::is_convertible_v<U*, T*>
  TypedParameter(const std::span<U, Extent>& span) : value(span.data()) {}

 private:
  static T* pointer(DevicePointer address) { return reinterpret_cast<T*>(static_cast<std::uintptr_t>(address)); }
};

}  // namespace detail

template <class... Parameters>
class TypedKernel<void(Parameters...)> {
 public:
  /// Throws ArgumentError unless the kernel takes just these.
  explicit TypedKernel(Kernel kernel) : kernel_(std::move(kernel)) {
    kernel_.check_types(detail::argument_types<Parameters...>.data(), sizeof...(Parameters));
  }

  [[nodiscard]] const Kernel& kernel() const noexcept { return kernel_; }

  void launch(const LaunchConfig& config, detail::TypedParameter<std::type_identity_t<Parameters>>... arguments) const {
    std::array<void*, sizeof...(Parameters)> values{&arguments.value...};
    kernel_.launch_checked(config, detail::argument_types<Parameters...>.data(), values.size(), values.data());
  }

  [[nodiscard]] BoundLaunch bind(const LaunchConfig& config,
                                 detail::TypedParameter<std::type_identity_t<Parameters>>... arguments) const {
    std::array<void*, sizeof...(Parameters)> values{&arguments.value...};
    return kernel_.bind_checked(config, detail::argument_types<Parameters...>.data(), values.size(), values.data());
  }

 private:
  Kernel kernel_;
};

template <class... Arguments>
void Kernel::launch(const LaunchConfig& config, const Arguments&... arguments) const {
  [&](auto... holders) {
    std::array<void*, sizeof...(Arguments)> values{&holders.value...};
    launch_checked(config, detail::argument_types<Arguments...>.data(), values.size(), values.data());
  }(detail::ArgumentHolder<Arguments>(arguments)...);
}

template <class... Arguments>
BoundLaunch Kernel::bind(const LaunchConfig& config, const Arguments&... arguments) const {
  return [&](auto... holders) {
    std::array<void*, sizeof...(Arguments)> values{&holders.value...};
    return bind_checked(config, detail::argument_types<Arguments...>.data(), values.size(), values.data());
  }(detail::ArgumentHolder<Arguments>(arguments)...);
}

template <class Argument>
void BoundLaunch::replace(std::size_t index, const Argument& argument) {
  const detail::ArgumentHolder<Argument> holder(argument);
  replace_packed(index, {&holder.value, detail::ArgumentHolder<Argument>::type()});
}

}  // namespace cujitsu
