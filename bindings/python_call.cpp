// SPDX-License-Identifier: MIT
#include "python_call.hpp"

#include "gil.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

/// Who may enter Python from a thread that is not Python's. A thread that waits for the GIL while the interpreter is torn down
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

std::atomic<Gate*> this_gate{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

// Never destroyed: those threads may live longer than this module. A forked child has its own, for the threads that are in
// its parent's never leave it.
Gate& gate() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { this_gate.store(nullptr); });
  static_cast<void>(registered);
  auto* current = this_gate.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  auto fresh = std::make_unique<Gate>();
  if (this_gate.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

struct Call {
  PyObject* function;
  PyObject* arguments;
};

/// References to drop. A thread that is not Python's must not do it: the last reference to a DeviceBuffer, say, calls CUDA. The
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

std::function<void()> python_call(const py::object& function, const py::args& arguments) {
  discarded().drop();
  return [call = std::make_shared<const PythonCall>(function, arguments)] { (*call)(); };
}

void stop_python_calls() {
  if (this_gate.load() == nullptr) return;  // nobody has ever been in
  const GilRelease release;
  gate().close();
}

}  // namespace cujitsu::python
