// SPDX-License-Identifier: MIT
// The C++ exceptions as the classes of cujitsu/errors.py, attributes included.
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/compile_many.hpp>
#include <cujitsu/errors.hpp>

#include <pybind11/stl.h>

namespace cujitsu::python {
namespace {

using namespace pybind11::literals;

// Borrowed from a reference that is never given back: an exception may be translated while modules are torn down.
py::handle error_classes;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void raise(const char* class_name, const Error& error, const py::dict& attributes = {}) {
  const py::object type = error_classes.attr(class_name);
  const py::object value = type(text(error.what()), **attributes);
  PyErr_SetObject(type.ptr(), value.ptr());
}

void raise_driver_error(const char* class_name, const DriverError& error) {
  raise(class_name, error,
        py::dict("code"_a = error.code(), "name"_a = text(error.name()), "call"_a = text(error.call()),
                 "object"_a = text(error.object())));
}

py::dict compile_error_attributes(const CompileError& error) {
  return py::dict("name"_a = text(error.name()), "log"_a = text(error.log()), "options"_a = text_list(error.options()),
                  "diagnostics"_a = error.diagnostics(), "hint"_a = text(error.hint()), "code"_a = error.code());
}

void translate(std::exception_ptr pointer);

/// What `except` would catch.
py::object as_python(const std::exception_ptr& pointer) {
  try {
    translate(pointer);
  } catch (const std::exception& error) {  // none of ours
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  const py::error_already_set fetched;
  return fetched.value();
}

void raise_compile_many_error(const CompileManyError& error) {
  auto attributes = compile_error_attributes(error);
  py::list failures;
  for (const auto& failure : error.failures()) failures.append(py::make_tuple(failure.index, as_python(failure.error)));
  py::list codes;
  for (const auto& code : error.results()) codes.append(code ? py::cast(*code) : py::none());
  attributes["failures"] = failures;
  attributes["modules"] = codes;  // which cujitsu.batch makes modules of
  raise("CompileManyError", error, attributes);
}

void translate(std::exception_ptr pointer) {
  if (!pointer) return;
  try {
    std::rethrow_exception(std::move(pointer));
  } catch (const ArgumentError& error) {
    raise(error.kind() == ArgumentError::Kind::type ? "ArgumentTypeError" : "ArgumentValueError", error);
  } catch (const CompileManyError& error) {
    raise_compile_many_error(error);
  } catch (const CompileForbiddenError& error) {
    raise("CompileForbiddenError", error,
          py::dict("name"_a = text(error.name()), "key"_a = text(error.key()), "reason"_a = text(error.reason())));
  } catch (const CompileError& error) {
    raise("CompileError", error, compile_error_attributes(error));
  } catch (const LoadError& error) {
    raise("LoadError", error, py::dict("tried"_a = text_list(error.tried())));
  } catch (const OutOfMemoryError& error) {
    raise_driver_error("OutOfMemoryError", error);
  } catch (const LaunchError& error) {
    raise_driver_error("LaunchError", error);
  } catch (const DriverError& error) {
    raise_driver_error("DriverError", error);
  } catch (const CacheError& error) {
    raise("CacheError", error);
  } catch (const CancelledError& error) {
    raise("CancelledError", error);
  } catch (const Error& error) {
    raise("Error", error);
  }
}

}  // namespace

void register_errors(py::module_&) {
  error_classes = py::module_::import("cujitsu.errors").release();
  py::register_local_exception_translator(translate);
}

}  // namespace cujitsu::python
