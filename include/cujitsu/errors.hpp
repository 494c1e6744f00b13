// SPDX-License-Identifier: MIT
// Every exception that cujitsu throws. The Python classes have the same names, parents and attributes.
//
//   Error
//     LoadError       no usable driver or NVRTC library; says what was tried
//     CompileError    NVRTC refused the source or an option; carries the diagnostics
//       CompileForbiddenError   CUJITSU_COMPILE=forbid, and the program is not in the kernel cache
//     DriverError     a driver call failed; carries code, call and object
//       OutOfMemoryError
//       LaunchError   the launch itself was refused, or a kernel faulted
//     ArgumentError   the caller passed something that can not work (in Python also a TypeError or a ValueError)
//     CacheError      an explicit request to the kernel cache failed; a compile never throws it
//     CancelledError  a compile was cancelled before it ended
#pragma once

#include <cujitsu/diagnostic.hpp>
#include <cujitsu/export.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace cujitsu {

/// The base of all. what() is complete text for a person, several lines where that helps.
class CUJITSU_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  Error(const Error&) = default;
  ~Error() override;
};

/// libcuda or libnvrtc is missing or can not be used.
class CUJITSU_API LoadError : public Error {
 public:
  LoadError(const std::string& message, std::vector<std::string> tried);
  LoadError(const LoadError&) = default;
  ~LoadError() override;

  /// One line for each library that was looked at: the path and why it was not taken.
  [[nodiscard]] const std::vector<std::string>& tried() const noexcept { return tried_; }

 private:
  std::vector<std::string> tried_;
};

/// NVRTC refused a program.
class CUJITSU_API CompileError : public Error {
 public:
  struct Details {
    std::string name;                     ///< the program's name, as in its diagnostics
    std::string log;                      ///< NVRTC's log, whole
    std::vector<std::string> options;     ///< every option that NVRTC was given, in order
    std::vector<Diagnostic> diagnostics;  ///< the log as data, in its order
    std::string hint;                     ///< what usually mends this, or empty
    int code = 0;                         ///< the nvrtcResult; 0 where NVRTC gave none
  };

  CompileError(const std::string& message, Details details);
  CompileError(const CompileError&) = default;
  ~CompileError() override;

  [[nodiscard]] const std::string& name() const noexcept { return details_.name; }
  [[nodiscard]] const std::string& log() const noexcept { return details_.log; }
  [[nodiscard]] const std::vector<std::string>& options() const noexcept { return details_.options; }
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const noexcept { return details_.diagnostics; }
  [[nodiscard]] const std::string& hint() const noexcept { return details_.hint; }
  [[nodiscard]] int code() const noexcept { return details_.code; }
  [[nodiscard]] const Details& details() const noexcept { return details_; }

 private:
  Details details_;
};

/// Compiling is forbidden (CUJITSU_COMPILE=forbid or set_compile_policy) and the program is not in the kernel cache.
/// name() is the program's; there is no log and there are no diagnostics, because NVRTC was not asked.
class CUJITSU_API CompileForbiddenError : public CompileError {
 public:
  CompileForbiddenError(const std::string& message, Details details, std::string key, std::string reason);
  CompileForbiddenError(const CompileForbiddenError&) = default;
  ~CompileForbiddenError() override;

  /// Of the entry that would have been a hit; empty where the cache was not to be asked, and where there is no NVRTC,
  /// which is part of it.
  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  /// Why it was no hit, as CompiledCode::cache_reason would have said.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  std::string key_;
  std::string reason_;
};

/// A driver call returned an error.
class CUJITSU_API DriverError : public Error {
 public:
  struct Details {
    int code = 0;        ///< the CUresult
    std::string name;    ///< its name, such as "CUDA_ERROR_INVALID_VALUE"
    std::string call;    ///< the driver function, such as "cuMemAlloc"
    std::string object;  ///< what it was called for: a kernel, a buffer, a device; may be empty
  };

  DriverError(const std::string& message, Details details);
  DriverError(const DriverError&) = default;
  ~DriverError() override;

  [[nodiscard]] int code() const noexcept { return details_.code; }
  [[nodiscard]] const std::string& name() const noexcept { return details_.name; }
  [[nodiscard]] const std::string& call() const noexcept { return details_.call; }
  [[nodiscard]] const std::string& object() const noexcept { return details_.object; }

 private:
  Details details_;
};

/// CUDA_ERROR_OUT_OF_MEMORY; what() gives the bytes asked for, free and in all.
class CUJITSU_API OutOfMemoryError : public DriverError {
 public:
  using DriverError::DriverError;
  OutOfMemoryError(const OutOfMemoryError&) = default;
  ~OutOfMemoryError() override;
};

/// A launch was refused, or a kernel faulted and broke its context.
class CUJITSU_API LaunchError : public DriverError {
 public:
  using DriverError::DriverError;
  LaunchError(const LaunchError&) = default;
  ~LaunchError() override;
};

/// The caller's argument can not work. `kind` decides what the Python class is besides.
class CUJITSU_API ArgumentError : public Error {
 public:
  enum class Kind {
    value,  ///< the right type with an impossible value: Python's ValueError
    type,   ///< the wrong type or count: Python's TypeError
  };

  explicit ArgumentError(const std::string& message, Kind kind = Kind::value);
  ArgumentError(const ArgumentError&) = default;
  ~ArgumentError() override;

  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// An explicit request to the kernel cache failed: an unknown key, a folder that can not be read.
class CUJITSU_API CacheError : public Error {
 public:
  using Error::Error;
  CacheError(const CacheError&) = default;
  ~CacheError() override;
};

/// A compile was cancelled before it ended: by CompileFuture::cancel or CompileManyOptions::stop.
class CUJITSU_API CancelledError : public Error {
 public:
  using Error::Error;
  CancelledError(const CancelledError&) = default;
  ~CancelledError() override;
};

}  // namespace cujitsu
