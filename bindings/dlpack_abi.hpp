// SPDX-License-Identifier: MIT
// The part of DLPack's binary interface that cujitsu uses, declared by ourselves: version 1, and the managed tensor of
// before. https://dmlc.github.io/dlpack/latest/c_api.html
#pragma once

#include <cstdint>

namespace cujitsu::python::dlpack {

struct Version {
  std::uint32_t major;
  std::uint32_t minor;
};
inline constexpr Version our_version{1, 3};

namespace device_type {
inline constexpr std::int32_t cpu = 1;
inline constexpr std::int32_t cuda = 2;
inline constexpr std::int32_t cuda_host = 3;  // page-locked
inline constexpr std::int32_t cuda_managed = 13;
}  // namespace device_type

struct Device {
  std::int32_t type;
  std::int32_t id;
};

namespace type_code {
inline constexpr std::uint8_t signed_integer = 0;
inline constexpr std::uint8_t unsigned_integer = 1;
inline constexpr std::uint8_t floating = 2;
inline constexpr std::uint8_t bfloat = 4;
inline constexpr std::uint8_t complex = 5;
inline constexpr std::uint8_t boolean = 6;
inline constexpr std::uint8_t first_float8 = 7;
inline constexpr std::uint8_t last_float8 = 14;
}  // namespace type_code

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

struct Tensor {
  void* data;
  Device device;
  std::int32_t dimensions;
  DataType type;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: C-contiguous
  std::uint64_t byte_offset;
};

struct ManagedTensor {
  Tensor tensor;
  void* context;
  void (*deleter)(ManagedTensor* self);
};

inline constexpr std::uint64_t flag_read_only = 1;

struct VersionedTensor {
  Version version;
  void* context;
  void (*deleter)(VersionedTensor* self);
  std::uint64_t flags;
  Tensor tensor;
};

inline constexpr const char* tensor_name = "dltensor";
inline constexpr const char* used_tensor_name = "used_dltensor";
inline constexpr const char* versioned_name = "dltensor_versioned";
inline constexpr const char* used_versioned_name = "used_dltensor_versioned";

/// What a type's __dlpack_c_exchange_api__ points at. The functions need the GIL; 0 is success, else there is an exception.
struct ExchangeApi {
  Version version;
  const ExchangeApi* previous;  // of an earlier major version
  int (*allocate)(Tensor* prototype, VersionedTensor** result, void* context,
                  void (*set_error)(void* context, const char* kind, const char* message));
  int (*managed_from_object)(void* object, VersionedTensor** result);
  int (*managed_to_object)(VersionedTensor* tensor, void** result);
  int (*tensor_from_object)(void* object, Tensor* result);  // may be null
  int (*current_stream)(std::int32_t device_type, std::int32_t device, void** stream);
};

inline constexpr const char* exchange_api_name = "dlpack_exchange_api";

}  // namespace cujitsu::python::dlpack
