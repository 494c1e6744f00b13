// SPDX-License-Identifier: MIT
#include "compile/run_context.hpp"

namespace cujitsu::compiler {
namespace {

thread_local RunContext current;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

const RunContext& run_context() noexcept { return current; }

ScopedRunContext::ScopedRunContext(RunContext context) noexcept : before_(current) { current = context; }

ScopedRunContext::~ScopedRunContext() { current = before_; }

}  // namespace cujitsu::compiler
