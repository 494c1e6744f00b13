// SPDX-License-Identifier: MIT
#include "host_callback.hpp"

#include "gil.hpp"
#include "text_conversion.hpp"

#include "driver/driver.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace cujitsu::python {
namespace {

/// Who may enter Python from a thread of the driver. A thread that waits for the GIL while the interpreter is torn down
/// is ended by unwinding it, which would end the process, or hangs; so the exit handler closes the gate first.
class Gate {
 public:
  /// False when it is closed.
  bool enter() noexcept {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return false;
    ++inside_;
    return true;
  }
  void leave() noexcept {
    const std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }
  void close() {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    changed_.wait(lock, [this] { return inside_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closed_ = false;
  unsigned inside_ = 0;
};

// Never destroyed: the driver's threads live longer than this module.
Gate& gate() {
  static auto* instance = new Gate;
  return *instance;
}

struct Call {
  PyObject* function;
  PyObject* arguments;
};

/// References to drop. A thread of the driver must not do it: the last reference to a DeviceBuffer, say, calls CUDA. The
/// main thread does, between two of its instructions.
class Discarded {
 public:
  void add(Call call) noexcept {
    bool must_schedule = false;
    try {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
      must_schedule = !is_scheduled_;
      is_scheduled_ = true;
    } catch (const std::bad_alloc&) {  // then they live until the process ends
    }
    // Needs no GIL. It fails when too much is pending: then the next one schedules.
    if (must_schedule && Py_AddPendingCall(run, this) != 0) {
      const std::lock_guard lock(mutex_);
      is_scheduled_ = false;
    }
  }

  /// With the GIL held, in a thread of Python's.
  void drop() {
    std::vector<Call> calls;
    {
      const std::lock_guard lock(mutex_);
      calls.swap(calls_);
      is_scheduled_ = false;
    }
    for (const auto& call : calls) {
      Py_DECREF(call.function);
      Py_DECREF(call.arguments);
    }
  }

 private:
  static int run(void* self) {
    static_cast<Discarded*>(self)->drop();
    return 0;
  }

  std::mutex mutex_;
  std::vector<Call> calls_;
  bool is_scheduled_ = false;
};

Discarded& discarded() {
  static auto* instance = new Discarded;
  return *instance;
}

/// One Python call, owned by the std::function that makes it. Destroyed in any thread, without the GIL.
class PythonCall {
 public:
  PythonCall(const py::object& function, const py::args& arguments) noexcept
      : call_{function.inc_ref().ptr(), arguments.inc_ref().ptr()} {}
  ~PythonCall() {
    if (!gate().enter()) return;  // the interpreter has gone, or goes, with all its objects
    discarded().add(call_);
    gate().leave();
  }
  PythonCall(const PythonCall&) = delete;
  PythonCall& operator=(const PythonCall&) = delete;

  void operator()() const {
    if (!gate().enter()) return;
    {
      const py::gil_scoped_acquire gil;
      PyObject* result = PyObject_Call(call_.function, call_.arguments, nullptr);
      if (result == nullptr)
        PyErr_WriteUnraisable(call_.function);
      else
        Py_DECREF(result);
    }
    gate().leave();
  }

 private:
  Call call_;
};

}  // namespace

void add_callback(const Stream& stream, const py::object& function, const py::args& arguments) {
  if (PyCallable_Check(function.ptr()) == 0)
    throw ArgumentError(fmt::format("Stream.add_callback: function must be callable, not {}", describe(function)),
                        ArgumentError::Kind::type);
  discarded().drop();
  auto call = std::make_shared<const PythonCall>(function, arguments);
  const GilRelease release;
  stream.add_callback([call = std::move(call)] { (*call)(); });
}

void stop_callbacks() {
  if (driver::api_if_alive() == nullptr) return;  // never opened, or of the parent of this forked child
  const GilRelease release;
  gate().close();
}

}  // namespace cujitsu::python
