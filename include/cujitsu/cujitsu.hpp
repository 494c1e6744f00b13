// SPDX-License-Identifier: MIT
// All of cujitsu.
#pragma once

#include <cujitsu/cache_diff.hpp>
#include <cujitsu/cache_order.hpp>
#include <cujitsu/compile.hpp>
#include <cujitsu/compile_many.hpp>
#include <cujitsu/compile_policy.hpp>
#include <cujitsu/compile_worker.hpp>
#include <cujitsu/device.hpp>
#include <cujitsu/device_buffer.hpp>
#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/event.hpp>
#include <cujitsu/graph.hpp>
#include <cujitsu/host_buffer.hpp>
#include <cujitsu/kernel.hpp>
#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/libraries.hpp>
#include <cujitsu/logging.hpp>
#include <cujitsu/manifest.hpp>
#include <cujitsu/memory.hpp>
#include <cujitsu/precompile.hpp>
#include <cujitsu/recompile.hpp>
#include <cujitsu/source_module.hpp>
#include <cujitsu/stored_compile.hpp>
#include <cujitsu/stream.hpp>
#include <cujitsu/version.hpp>
