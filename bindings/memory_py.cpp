// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "device_memory.hpp"
#include "dlpack.hpp"
#include "gil.hpp"
#include "host_memory.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/memory.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu::python {
namespace {

constexpr const char* htod_usage = "memcpy_htod(destination on device, source on host)";
constexpr const char* dtoh_usage = "memcpy_dtoh(destination on host, source on device)";
constexpr const char* dtod_usage = "memcpy_dtod(destination on device, source on device, size)";
constexpr const char* htod_async_usage = "memcpy_htod_async(destination on device, source on host, stream)";
constexpr const char* dtoh_async_usage = "memcpy_dtoh_async(destination on host, source on device, stream)";
constexpr const char* dtod_async_usage = "memcpy_dtod_async(destination on device, source on device, size, stream)";

using Access = HostView::Access;
using AddressAndSize = Annotated<"collections.abc.Iterator[int | None]">;

// Device memory that is about to be written to.
DeviceView writable_argument(std::string_view usage, const DeviceMemory& destination,
                             std::optional<StreamHandle> stream = std::nullopt) {
  DeviceView view = device_argument(usage, "the destination", destination, stream);
  if (view.read_only) {
    throw ArgumentError(fmt::format("{}: the destination ({}) is read-only", usage, describe(destination)));
  }
  return view;
}

void copy_htod(const DeviceMemory& destination, const HostMemory& source) {
  const DeviceView device = writable_argument(htod_usage, destination);
  const HostView host(htod_usage, "the source", source, Access::read);
  const GilRelease release;
  wait_for_producer(device);
  memcpy_htod(device.span, host.data(), host.size());
}

void copy_dtoh(const HostMemory& destination, const DeviceMemory& source) {
  const HostView host(dtoh_usage, "the destination", destination, Access::write);
  const DeviceView device = device_argument(dtoh_usage, "the source", source);
  const GilRelease release;
  wait_for_producer(device);
  memcpy_dtoh(host.data(), device.span, host.size());
}

void copy_dtod(const DeviceMemory& destination, const DeviceMemory& source, const Integer& size) {
  const DeviceView to = writable_argument(dtod_usage, destination);
  const DeviceView from = device_argument(dtod_usage, "the source", source);
  const std::size_t bytes = size_argument("memcpy_dtod", "size", size);
  const GilRelease release;
  wait_for_producer(to);
  wait_for_producer(from);
  memcpy_dtod(to.span, from.span, bytes);
}

void copy_htod_async(const DeviceMemory& destination, const HostMemory& source, const StreamLike& stream) {
  const StreamHandle handle = stream_argument("memcpy_htod_async", stream);
  const DeviceView device = writable_argument(htod_async_usage, destination, handle);
  const HostView host(htod_async_usage, "the source", source, Access::read);
  const GilRelease release;
  order_after_producer(device, handle);
  memcpy_htod_async(device.span, host.data(), host.size(), handle);
}

void copy_dtoh_async(const HostMemory& destination, const DeviceMemory& source, const StreamLike& stream) {
  const StreamHandle handle = stream_argument("memcpy_dtoh_async", stream);
  const HostView host(dtoh_async_usage, "the destination", destination, Access::write);
  const DeviceView device = device_argument(dtoh_async_usage, "the source", source, handle);
  const GilRelease release;
  order_after_producer(device, handle);
  memcpy_dtoh_async(host.data(), device.span, host.size(), handle);
}

void copy_dtod_async(const DeviceMemory& destination, const DeviceMemory& source, const Integer& size,
                     const StreamLike& stream) {
  const StreamHandle handle = stream_argument("memcpy_dtod_async", stream);
  const DeviceView to = writable_argument(dtod_async_usage, destination, handle);
  const DeviceView from = device_argument(dtod_async_usage, "the source", source, handle);
  const std::size_t bytes = size_argument("memcpy_dtod_async", "size", size);
  const GilRelease release;
  order_after_producer(to, handle);
  order_after_producer(from, handle);
  memcpy_dtod_async(to.span, from.span, bytes, handle);
}

// One memset_dN and its _async form, for elements of type Value.
template <class Value>
void define_memset(py::module_& module, const char* name, void (*fill)(DeviceSpan, Value, std::size_t),
                   void (*fill_async)(DeviceSpan, Value, std::size_t, StreamHandle)) {
  const std::string usage = fmt::format("{}(destination on device, value, count)", name);
  const std::string async_name = fmt::format("{}_async", name);
  const std::string async_usage = fmt::format("{}(destination on device, value, count, stream)", async_name);
  module.def(
      name,
      [name, usage, fill](const DeviceMemory& destination, const Integer& value, const Integer& count) {
        const DeviceView device = writable_argument(usage, destination);
        const auto bits = static_cast<Value>(wrapped_argument(name, "value", value, sizeof(Value)));
        const std::size_t elements = size_argument(name, "count", count);
        const GilRelease release;
        wait_for_producer(device);
        fill(device.span, bits, elements);
      },
      py::arg("dst"), py::arg("value"), py::arg("count"),
      fmt::format("Fills `count` elements of {} byte(s) with `value`, given with either sign.", sizeof(Value)).c_str());
  module.def(
      async_name.c_str(),
      [async_name, async_usage, fill_async](const DeviceMemory& destination, const Integer& value, const Integer& count,
                                            const StreamLike& stream) {
        const StreamHandle handle = stream_argument(async_name, stream);
        const DeviceView device = writable_argument(async_usage, destination, handle);
        const auto bits = static_cast<Value>(wrapped_argument(async_name, "value", value, sizeof(Value)));
        const std::size_t elements = size_argument(async_name, "count", count);
        const GilRelease release;
        order_after_producer(device, handle);
        fill_async(device.span, bits, elements, handle);
      },
      py::arg("dst"), py::arg("value"), py::arg("count"), py::arg("stream") = py::none(),
      fmt::format("Queues in `stream` what {} does.", name).c_str());
}

OptionalInt size_of(const DeviceSpan& span) {
  if (span.size() == DeviceSpan::unknown_size) return OptionalInt(py::none());
  return OptionalInt(py::int_(span.size()));
}

void register_device_span(py::module_& module) {
  py::class_<DeviceSpan>(module, "DeviceSpan", R"(Device memory that someone else owns: an address and a size in bytes.

What get_global returns; `address, size = span` unpacks it. It keeps the object that it was made from alive, where that
is known. A size of None means that it is not known, and copies are not checked against it.)")
      .def(py::init([](const DeviceMemory& memory, const OptionalInteger& bytes) {
             const auto view = device_argument("DeviceSpan(device memory, bytes)", "the memory", memory);
             if (bytes.is_none()) return view.span;
             const std::size_t size = size_argument("DeviceSpan", "bytes", bytes);
             if (size > view.span.size()) {
               throw ArgumentError(
                   fmt::format("DeviceSpan(): {} bytes are asked for, and the memory has {}", size, view.span.size()));
             }
             return DeviceSpan(view.span.address(), size);
           }),
           py::arg("memory"), py::arg("bytes") = py::none(), py::keep_alive<1, 2>())
      .def_property_readonly("address", &DeviceSpan::address, "The first byte's address.")
      .def_property_readonly("size", &size_of, "Bytes; None when not known.")
      .def_property_readonly("nbytes", &size_of, "Bytes, under numpy's name.")
      .def(
          "offset",
          [](const DeviceSpan& self, const Integer& bytes) {
            return self.offset(size_argument("DeviceSpan.offset", "bytes", bytes));
          },
          py::arg("bytes"), py::keep_alive<0, 1>(),
          "What follows the first `bytes` bytes. Raises ArgumentError past the end.")
      .def("__iter__",
           [](const DeviceSpan& self) {
             return AddressAndSize(py::iter(py::make_tuple(self.address(), size_of(self))));
           })
      .def("__int__", &DeviceSpan::address)
      .def("__index__", &DeviceSpan::address)
      .def("__repr__", [](const DeviceSpan& self) {
        return self.size() == DeviceSpan::unknown_size
                   ? fmt::format("<DeviceSpan {:#x}>", self.address())
                   : fmt::format("<DeviceSpan {:#x}, {} bytes>", self.address(), self.size());
      });
}

}  // namespace

void register_memory(py::module_& module) {
  prepare_dlpack();
  register_device_span(module);

  module.def("memcpy_htod", &copy_htod, py::arg("dst"), py::arg("src"),
             R"(Copies all of the host memory `src` to the device, and returns when `src` may be changed again.

`src` is anything with the buffer protocol, contiguous. Raises ArgumentError when it is larger than `dst`, DriverError.)");
  module.def("memcpy_dtoh", &copy_dtoh, py::arg("dst"), py::arg("src"),
             R"(Fills all of the host memory `dst` from the device, and returns when it is there.

`dst` is anything with a writable buffer, contiguous. Raises ArgumentError when it is larger than `src`, DriverError.)");
  module.def("memcpy_dtod", &copy_dtod, py::arg("dst"), py::arg("src"), py::arg("size"),
             "Copies `size` bytes within device memory. Raises ArgumentError past either end, DriverError.");
  module.def("memcpy_htod_async", &copy_htod_async, py::arg("dst"), py::arg("src"), py::arg("stream") = py::none(),
             R"(Queues in `stream` what memcpy_htod does.

Page-locked memory must stay alive and unchanged until the stream has run it; pageable memory is staged by the driver.)");
  module.def("memcpy_dtoh_async", &copy_dtoh_async, py::arg("dst"), py::arg("src"), py::arg("stream") = py::none(),
             R"(Queues in `stream` what memcpy_dtoh does.

`dst` must stay alive until the stream has run it, and holds the data only then.)");
  module.def("memcpy_dtod_async", &copy_dtod_async, py::arg("dst"), py::arg("src"), py::arg("size"),
             py::arg("stream") = py::none(), "Queues in `stream` what memcpy_dtod does.");

  define_memset<std::uint8_t>(module, "memset_d8", &memset_d8, &memset_d8_async);
  define_memset<std::uint16_t>(module, "memset_d16", &memset_d16, &memset_d16_async);
  define_memset<std::uint32_t>(module, "memset_d32", &memset_d32, &memset_d32_async);
}

}  // namespace cujitsu::python
