// SPDX-License-Identifier: MIT
// All of cujitsu.
#pragma once

#include <cujitsu/compile.hpp>
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
#include <cujitsu/memory.hpp>
#include <cujitsu/source_module.hpp>
#include <cujitsu/stream.hpp>
#include <cujitsu/version.hpp>
