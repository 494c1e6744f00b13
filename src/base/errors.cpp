// SPDX-License-Identifier: MIT
// The destructors are here so that each class's type information lives in this library alone.
#include <cujitsu/errors.hpp>

#include <utility>

namespace cujitsu {

Error::~Error() = default;

LoadError::LoadError(const std::string& message, std::vector<std::string> tried)
    : Error(message), tried_(std::move(tried)) {}
LoadError::~LoadError() = default;

CompileError::CompileError(const std::string& message, Details details)
    : Error(message), details_(std::move(details)) {}
CompileError::~CompileError() = default;

CompileForbiddenError::CompileForbiddenError(const std::string& message, Details details, std::string key,
                                             std::string reason)
    : CompileError(message, std::move(details)), key_(std::move(key)), reason_(std::move(reason)) {}
CompileForbiddenError::~CompileForbiddenError() = default;

DriverError::DriverError(const std::string& message, Details details) : Error(message), details_(std::move(details)) {}
DriverError::~DriverError() = default;

OutOfMemoryError::~OutOfMemoryError() = default;
LaunchError::~LaunchError() = default;

ArgumentError::ArgumentError(const std::string& message, Kind kind) : Error(message), kind_(kind) {}
ArgumentError::~ArgumentError() = default;

CacheError::~CacheError() = default;
CancelledError::~CancelledError() = default;

}  // namespace cujitsu
