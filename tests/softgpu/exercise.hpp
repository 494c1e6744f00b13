// SPDX-License-Identifier: MIT
// All that softgpu does with PTX, whatever it says: for the fuzzer, and for the tests of what it found.
#pragma once

#include <cstddef>
#include <string>

namespace cujitsu::softgpu::test {

struct Exercised {
  int code = 0;       ///< of the load, CUresult
  std::string log;    ///< of the load
  std::string why;    ///< why the first kernel that can not be run can not be
  std::string fault;  ///< of the first kernel that was run and ended with one
  std::size_t kernels = 0;
  std::size_t refused = 0;  ///< kernels
  std::size_t run = 0;      ///< kernels that have been run, with whatever outcome
};

/// Parses, loads, lowers every kernel and runs those that surely end. Throws std::logic_error when what the parser or
/// the loader gives does not hold together.
Exercised exercise(const std::string& text);

}  // namespace cujitsu::softgpu::test
