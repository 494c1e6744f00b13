// SPDX-License-Identifier: MIT
// As little of OpenCL as a comparison needs: the first CPU device of PoCL. Builds without OpenCL too, and says so.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace cujitsu::bench {

class OpenCl {
 public:
  /// nullptr: there is no PoCL, and `why_not` says what is missing.
  [[nodiscard]] static std::unique_ptr<OpenCl> open(std::string& why_not);
  virtual ~OpenCl() = default;

  [[nodiscard]] virtual std::string describe() const = 0;

  struct Shape {
    std::size_t global[2];
    std::size_t local[2];
  };
  /// A kernel `work` of (T* out, const T* a, const T* b, int n, int m) with buffers of its own.
  class Kernel {
   public:
    virtual ~Kernel() = default;
    virtual void run() = 0;  ///< to its end
    virtual void read(void* out, std::size_t bytes) = 0;
  };
  [[nodiscard]] virtual std::unique_ptr<Kernel> make(std::string_view source, const Shape& shape,
                                                     std::size_t output_bytes, const void* a, const void* b,
                                                     std::size_t input_bytes, int n, int m) = 0;
};

}  // namespace cujitsu::bench
