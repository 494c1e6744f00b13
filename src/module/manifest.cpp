// SPDX-License-Identifier: MIT
#include "module/manifest.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

namespace cujitsu {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* version_member = "cujitsu_manifest";
constexpr int version = 1;
constexpr std::array members{"name",    "arch",     "options", "include_dirs", "name_expressions",
                             "headers", "hermetic", "source"};

/// Bytes that are no UTF-8 can not stand in JSON: they are written as {"hex": "…"}. Sources may hold any.
Json to_json(const std::string& text) {
  Json result = text;
  try {
    static_cast<void>(result.dump());
    return result;
  } catch (const Json::type_error&) {
    std::string digits;
    for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return {{"hex", digits}};
  }
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  throw std::invalid_argument(fmt::format("'{}' is no hexadecimal digit", digit));
}

std::string to_text(const Json& value, std::string_view what) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object() || value.size() != 1 || !value.contains("hex") || !value["hex"].is_string())
    throw std::invalid_argument(fmt::format("{} is no text", what));
  const auto digits = value["hex"].get<std::string>();
  if (digits.size() % 2 != 0) throw std::invalid_argument(fmt::format("{} ends within a byte", what));
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(16 * hex_digit(digits[i]) + hex_digit(digits[i + 1]));
  return bytes;
}

Json to_json(const std::vector<std::string>& texts) {
  Json result = Json::array();
  for (const auto& text : texts) result.push_back(to_json(text));
  return result;
}

std::vector<std::string> to_texts(const Json& value, std::string_view what) {
  if (!value.is_array()) throw std::invalid_argument(fmt::format("'{}' is no list", what));
  std::vector<std::string> result;
  for (const auto& item : value) result.push_back(to_text(item, fmt::format("an item of '{}'", what)));
  return result;
}

std::vector<Header> to_headers(const Json& value) {
  if (!value.is_array()) throw std::invalid_argument("'headers' is no list");
  std::vector<Header> result;
  for (const auto& item : value) {
    if (!item.is_array() || item.size() != 2)
      throw std::invalid_argument("an item of 'headers' is no pair of a name and a text");
    result.push_back({to_text(item[0], "a header's name"), to_text(item[1], "a header's text")});
  }
  return result;
}

/// Throws std::exception.
RecordedCompile to_compile(const Json& line) {
  if (!line.is_object()) throw std::invalid_argument("it is no JSON object");
  for (const auto& [name, unused] : line.items())
    if (std::ranges::find(members, std::string_view(name)) == members.end())
      throw std::invalid_argument(fmt::format("it has a member '{}' that this cujitsu does not know", name));
  if (!line.contains("source")) throw std::invalid_argument("it has no 'source'");
  RecordedCompile result;
  result.source = to_text(line["source"], "'source'");
  auto& options = result.options;
  if (line.contains("name")) options.name = to_text(line["name"], "'name'");
  if (line.contains("arch")) options.arch = to_text(line["arch"], "'arch'");
  const auto texts = [&](const char* name, std::vector<std::string>& values) {
    if (line.contains(name)) values = to_texts(line[name], name);
  };
  texts("options", options.options);
  texts("include_dirs", options.include_dirs);
  texts("name_expressions", options.name_expressions);
  if (line.contains("headers")) options.headers = to_headers(line["headers"]);
  if (line.contains("hermetic")) {
    if (!line["hermetic"].is_boolean()) throw std::invalid_argument("'hermetic' is neither true nor false");
    options.hermetic = line["hermetic"].get<bool>();
  }
  return result;
}

/// True for the line that says the version; throws ArgumentError for another version.
bool is_version_line(const Json& line, const std::string& name) {
  if (!line.is_object() || !line.contains(version_member)) return false;
  const auto& given = line[version_member];
  if (given == version) return true;
  throw ArgumentError(fmt::format("{} is a manifest of version {}, and this cujitsu reads version {}", name,
                                  given.dump(-1, ' ', false, Json::error_handler_t::replace), version));
}

}  // namespace

std::string manifest_first_line() { return Json{{version_member, version}}.dump(); }

std::string manifest_line(std::string_view source, const CompileOptions& options) {
  // What is empty is left out. The source comes last, so that the short members can be read.
  Json line{{"name", to_json(options.name)}};
  if (!options.arch.empty()) line["arch"] = to_json(options.arch);
  if (!options.options.empty()) line["options"] = to_json(options.options);
  if (!options.include_dirs.empty()) line["include_dirs"] = to_json(options.include_dirs);
  if (!options.name_expressions.empty()) line["name_expressions"] = to_json(options.name_expressions);
  if (!options.headers.empty()) {
    Json headers = Json::array();
    for (const auto& header : options.headers)
      headers.push_back(Json::array({to_json(header.name), to_json(header.text)}));
    line["headers"] = std::move(headers);
  }
  if (options.hermetic) line["hermetic"] = true;
  line["source"] = to_json(std::string(source));
  return line.dump();
}

Manifest parse_manifest(std::string_view text, const std::string& name) {
  Manifest result;
  std::set<Hash128> seen;
  bool has_version = false;
  std::size_t number = 0;
  for (const auto line : text::lines(text)) {
    ++number;
    if (text::trim(line).empty()) continue;
    Json value = Json::parse(line, nullptr, false);
    if (!value.is_discarded() && is_version_line(value, name)) {
      has_version = true;
      continue;
    }
    if (!has_version)
      throw ArgumentError(fmt::format("{} is no manifest: its first line is not {}", name, manifest_first_line()));
    try {
      if (value.is_discarded()) throw std::invalid_argument("it is no JSON");
      auto compile = to_compile(value);
      // A person may have written it otherwise than we would.
      if (seen.insert(hash128(manifest_line(compile.source, compile.options))).second)
        result.compiles.push_back(std::move(compile));
    } catch (const std::exception& error) {
      result.problems.push_back(fmt::format("{}:{} is left out: {}", name, number, error.what()));
    }
  }
  if (!has_version) throw ArgumentError(fmt::format("{} is no manifest: it is empty", name));
  return result;
}

Manifest read_manifest(const std::filesystem::path& file) {
  std::string text;
  if (const int error = file::read(file.native(), text))
    throw ArgumentError(fmt::format("the manifest {} can not be read: {}", file.native(), file::error_text(error)));
  return parse_manifest(text, file.native());
}

}  // namespace cujitsu
