// SPDX-License-Identifier: MIT
#include "softgpu/engine/runtime/print.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace cujitsu::softgpu {
namespace {

constexpr std::size_t longest_string = 1u << 16;
constexpr int longest_field = 1 << 16;         // of one conversion, padding included
constexpr std::size_t longest_text = 1 << 20;  // of one call: the buffer that a GPU has for all

/// "12", and of "99999999999" what is still a field's width.
std::string bounded(const std::string& digits) {
  constexpr std::size_t surely_smaller = 4;  // digits
  if (digits.size() <= surely_smaller) return digits;
  const auto value = std::strtoull(digits.c_str(), nullptr, 10);
  return std::to_string(std::min<unsigned long long>(value, longest_field));
}

/// One conversion: "%-8.3lld".
struct Conversion {
  std::string flags;
  bool star_width = false;
  bool star_precision = false;
  std::string width;
  std::string precision;  ///< with its dot
  std::string length;
  char letter = '\0';
  std::size_t bytes = 0;  ///< of the text in the format
};

Conversion parse_conversion(std::string_view text) {
  Conversion result;
  std::size_t at = 1;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  while (peek() != '\0' && std::strchr("-+ #0", peek()) != nullptr) result.flags += text[at++];
  if (peek() == '*') {
    result.star_width = true;
    ++at;
  }
  while (peek() >= '0' && peek() <= '9') result.width += text[at++];
  if (peek() == '.') {
    result.precision += text[at++];
    if (peek() == '*') {
      result.star_precision = true;
      ++at;
    }
    while (peek() >= '0' && peek() <= '9') result.precision += text[at++];
  }
  while (peek() != '\0' && std::strchr("hljztL", peek()) != nullptr) result.length += text[at++];
  result.letter = peek();
  result.bytes = result.letter == '\0' ? at : at + 1;
  return result;
}

/// Takes arguments out of the block, each aligned to its size.
class Arguments {
 public:
  Arguments(const DeviceReader& reader, std::uint64_t address) : reader_(reader), at_(address) {}

  template <class T>
  bool take(T& value) {
    at_ = (at_ + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    if (!reader_.read(at_, &value, sizeof value)) return false;
    at_ += sizeof(T);
    ++count_;
    return true;
  }
  [[nodiscard]] int count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t address() const noexcept { return at_; }

 private:
  const DeviceReader& reader_;
  std::uint64_t at_;
  int count_ = 0;
};

bool read_string(const DeviceReader& reader, std::uint64_t address, std::string& text) {
  for (char c = 0; text.size() < longest_string; text += c) {
    if (!reader.read(address + text.size(), &c, 1)) return false;
    if (c == '\0') return true;
  }
  return true;
}

template <class... Values>
void append(std::string& out, const std::string& format, Values... values) {
  std::array<char, 512> buffer;
  // The format is made here, of a letter that fits the value.
  const int size = std::snprintf(buffer.data(), buffer.size(), format.c_str(), values...);
  if (size < 0) return;
  if (static_cast<std::size_t>(size) < buffer.size()) {
    out.append(buffer.data(), static_cast<std::size_t>(size));
    return;
  }
  std::string large(static_cast<std::size_t>(size) + 1, '\0');
  std::snprintf(large.data(), large.size(), format.c_str(), values...);
  large.pop_back();
  out += large;
}

class Formatter {
 public:
  Formatter(const DeviceReader& reader, std::uint64_t arguments) : reader_(reader), arguments_(reader, arguments) {}

  bool run(std::string_view format, Printed& result) {
    while (!format.empty() && result.text.size() < longest_text) {
      const auto plain = std::min(format.find('%'), format.size());
      result.text += format.substr(0, plain);
      format.remove_prefix(plain);
      if (format.empty()) break;
      const auto conversion = parse_conversion(format);
      if (!convert(conversion, format.substr(0, conversion.bytes), result)) return false;
      format.remove_prefix(conversion.bytes);
    }
    result.arguments = arguments_.count();
    return true;
  }

 private:
  bool failed(Printed& result, std::uint64_t address) {
    result.is_readable = false;
    result.address = address;
    return false;
  }

  bool convert(const Conversion& conversion, std::string_view as_written, Printed& result) {
    if (conversion.letter == '%') {
      result.text += '%';
      return true;
    }
    std::string format = "%" + conversion.flags;
    int star = 0;
    if (conversion.star_width) {
      if (!arguments_.take(star)) return failed(result, arguments_.address());
      // a negative width is a flag and a width
      format += std::to_string(std::clamp(star, -longest_field, longest_field));
    }
    format += bounded(conversion.width);
    if (conversion.star_precision) {
      if (!arguments_.take(star)) return failed(result, arguments_.address());
      if (star >= 0) format += "." + std::to_string(std::min(star, longest_field));
    } else if (!conversion.precision.empty()) {
      format += '.' + bounded(conversion.precision.substr(1));
    }
    switch (conversion.letter) {
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': return integer(conversion, format, result);
      case 'c': {
        int value = 0;
        if (!arguments_.take(value)) return failed(result, arguments_.address());
        append(result.text, format + 'c', value);
        return true;
      }
      case 'f':
      case 'F':
      case 'e':
      case 'E':
      case 'g':
      case 'G':
      case 'a':
      case 'A': {
        double value = 0;
        if (!arguments_.take(value)) return failed(result, arguments_.address());
        append(result.text, format + conversion.letter, value);
        return true;
      }
      case 'p': {
        std::uint64_t value = 0;
        if (!arguments_.take(value)) return failed(result, arguments_.address());
        append(result.text, format + 'p', reinterpret_cast<void*>(value));
        return true;
      }
      case 's': return string(format, result);
      default: result.text += as_written; return true;
    }
  }

  bool integer(const Conversion& conversion, const std::string& format, Printed& result) {
    const auto& length = conversion.length;
    const bool is_signed = conversion.letter == 'd' || conversion.letter == 'i';
    if (length == "l" || length == "ll" || length == "z" || length == "j" || length == "t") {
      std::uint64_t value = 0;
      if (!arguments_.take(value)) return failed(result, arguments_.address());
      append(result.text, format + "ll" + conversion.letter, static_cast<unsigned long long>(value));
      return true;
    }
    std::uint32_t value = 0;  // shorter ones are passed as int
    if (!arguments_.take(value)) return failed(result, arguments_.address());
    if (length == "h")
      value = is_signed ? static_cast<std::uint32_t>(static_cast<std::int16_t>(value)) : value & 0xffff;
    if (length == "hh") value = is_signed ? static_cast<std::uint32_t>(static_cast<std::int8_t>(value)) : value & 0xff;
    append(result.text, format + conversion.letter, value);
    return true;
  }

  bool string(const std::string& format, Printed& result) {
    std::uint64_t address = 0;
    if (!arguments_.take(address)) return failed(result, arguments_.address());
    std::string text;
    if (address == 0)
      text = "(null)";
    else if (!read_string(reader_, address, text))
      return failed(result, address);
    append(result.text, format + 's', text.c_str());
    return true;
  }

  const DeviceReader& reader_;
  Arguments arguments_;
};

}  // namespace

Printed format_print(const DeviceReader& reader, std::uint64_t format, std::uint64_t arguments) {
  Printed result;
  if (format == 0) {
    result.arguments = -1;
    return result;
  }
  std::string text;
  if (!read_string(reader, format, text)) {
    result.is_readable = false;
    result.address = format;
    return result;
  }
  Formatter(reader, arguments).run(text, result);
  return result;
}

}  // namespace cujitsu::softgpu
