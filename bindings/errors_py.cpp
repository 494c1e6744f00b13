// SPDX-License-Identifier: MIT
// The C++ exceptions as the classes of cujitsu/errors.py, attributes included.
#include "registration.hpp"
#include "text_conversion.hpp"

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

void translate(std::exception_ptr pointer) {
  if (!pointer) return;
  try {
    std::rethrow_exception(std::move(pointer));
  } catch (const ArgumentError& error) {
    raise(error.kind() == ArgumentError::Kind::type ? "ArgumentTypeError" : "ArgumentValueError", error);
  } catch (const CompileError& error) {
    raise("CompileError", error,
          py::dict("name"_a = text(error.name()), "log"_a = text(error.log()), "options"_a = text_list(error.options()),
                   "diagnostics"_a = error.diagnostics(), "hint"_a = text(error.hint())));
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
