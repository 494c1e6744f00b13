// SPDX-License-Identifier: MIT
#include "module/worker_protocol.hpp"

#include "base/byte_stream.hpp"
#include "cache/closure_codec.hpp"
#include "cache/error_codec.hpp"
#include "cache/kernel_codec.hpp"
#include "cache/options_codec.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/version.hpp>

#include <new>

namespace cujitsu::worker {
namespace {

enum class Outcome : std::uint8_t { code, compile_error, load_error, argument_error, other_error };

void write_code(ByteWriter& writer, const CompiledCode& code) {
  writer.text(code.ptx);
  writer.text(code.cubin);
  writer.text(code.log);
  writer.text(code.arch);
  writer.texts(code.options);
  write_kernels(writer, code.kernels);
  writer.pairs(code.lowered_names);
  writer.pairs(code.globals);
  writer.i32(code.compiler.major);
  writer.i32(code.compiler.minor);
  writer.text(code.compiler.library);
  writer.f64(code.seconds);
}

CompiledCode read_code(ByteReader& reader) {
  CompiledCode code;
  code.ptx = reader.text();
  code.cubin = reader.text();
  code.log = reader.text();
  code.arch = reader.text();
  code.options = reader.texts();
  code.kernels = read_kernels(reader);
  code.lowered_names = reader.pairs();
  code.globals = reader.pairs();
  code.compiler.major = reader.i32();
  code.compiler.minor = reader.i32();
  code.compiler.library = reader.text();
  code.seconds = reader.f64();
  return code;
}

void write_outcome(ByteWriter& writer, const Answer& answer) {
  const auto outcome = [&](Outcome which) { writer.u8(static_cast<std::uint8_t>(which)); };
  if (answer.error == nullptr) {
    outcome(Outcome::code);
    write_code(writer, answer.code);
    return;
  }
  try {
    std::rethrow_exception(answer.error);
  } catch (const CompileError& error) {
    outcome(Outcome::compile_error);
    write_compile_error(writer, error.what(), error.details());
  } catch (const LoadError& error) {
    outcome(Outcome::load_error);
    writer.text(error.what());
    writer.texts(error.tried());
  } catch (const ArgumentError& error) {
    outcome(Outcome::argument_error);
    writer.text(error.what());
    writer.u8(static_cast<std::uint8_t>(error.kind()));
  } catch (const std::bad_alloc&) {
    outcome(Outcome::other_error);
    writer.text("the process that compiles ran out of memory");
  } catch (const std::exception& error) {
    outcome(Outcome::other_error);
    writer.text(error.what());
  }
}

void read_outcome(ByteReader& reader, Answer& answer) {
  switch (static_cast<Outcome>(reader.u8())) {
    case Outcome::code: answer.code = read_code(reader); return;
    case Outcome::compile_error: answer.error = std::make_exception_ptr(read_compile_error(reader)); return;
    case Outcome::load_error: {
      const std::string message(reader.text());
      answer.error = std::make_exception_ptr(LoadError(message, reader.texts()));
      return;
    }
    case Outcome::argument_error: {
      const std::string message(reader.text());
      const auto kind = reader.u8() == 0 ? ArgumentError::Kind::value : ArgumentError::Kind::type;
      answer.error = std::make_exception_ptr(ArgumentError(message, kind));
      return;
    }
    case Outcome::other_error: answer.error = std::make_exception_ptr(Error(std::string(reader.text()))); return;
  }
  throw FormatError("an unknown outcome");
}

LogLevel read_level(ByteReader& reader) {
  const auto value = reader.u8();
  if (value > static_cast<std::uint8_t>(LogLevel::off)) throw FormatError("an unknown log level");
  return static_cast<LogLevel>(value);
}

}  // namespace

std::string greeting() { return std::string("cujitsu worker ") + version + ", protocol 2"; }

std::string encode(const Request& request) {
  ByteWriter writer;
  writer.reserve(request.source.size() + 4096);
  writer.u8(static_cast<std::uint8_t>(request.log_level));
  writer.text(request.nvrtc_library);
  writer.text(request.nvrtc_builtins);
  writer.i32(request.nvrtc_major);
  writer.i32(request.nvrtc_minor);
  writer.text(request.pch_folder);
  writer.text(request.current_folder);
  writer.text(request.source);
  write_options(writer, request.options);
  writer.u8(static_cast<std::uint8_t>(request.options.pch));
  writer.text(request.arch);
  writer.texts(request.nvrtc_options);
  writer.u8(request.leading ? 1 : 0);
  if (request.leading) write_closure(writer, *request.leading);
  return std::move(writer).bytes();
}

Request decode_request(std::string_view bytes) {
  ByteReader reader(bytes);
  Request request;
  request.log_level = read_level(reader);
  request.nvrtc_library = reader.text();
  request.nvrtc_builtins = reader.text();
  request.nvrtc_major = reader.i32();
  request.nvrtc_minor = reader.i32();
  request.pch_folder = reader.text();
  request.current_folder = reader.text();
  request.source = reader.text();
  request.options = read_options(reader);
  request.options.pch = reader.u8() == 0 ? Pch::off : Pch::automatic;
  request.arch = reader.text();
  request.nvrtc_options = reader.texts();
  if (reader.u8() != 0) request.leading = read_closure(reader);
  reader.finish();
  return request;
}

std::string encode(const Answer& answer) {
  ByteWriter writer;
  writer.reserve(answer.code.ptx.size() + answer.code.cubin.size() + answer.code.log.size() + 4096);
  writer.u64(answer.messages.size());
  for (const auto& [level, text] : answer.messages) {
    writer.u8(static_cast<std::uint8_t>(level));
    writer.text(text);
  }
  write_outcome(writer, answer);
  return std::move(writer).bytes();
}

Answer decode_answer(std::string_view bytes) {
  ByteReader reader(bytes);
  Answer answer;
  answer.messages.resize(reader.count(1 + 8));
  for (auto& [level, text] : answer.messages) {
    level = read_level(reader);
    text = reader.text();
  }
  read_outcome(reader, answer);
  reader.finish();
  return answer;
}

std::string encode_length(std::uint64_t bytes) {
  ByteWriter writer;
  writer.u64(bytes);
  return std::move(writer).bytes();
}

std::uint64_t decode_length(std::string_view bytes) { return ByteReader(bytes).u64(); }

}  // namespace cujitsu::worker
