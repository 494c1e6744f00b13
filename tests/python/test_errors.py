# SPDX-License-Identifier: MIT
"""The exception classes: parents, attributes and pickling."""

import pickle

import cujitsu as cj
import pytest
from cujitsu import errors


@pytest.mark.parametrize(
    ("child", "parents"),
    [
        (errors.LoadError, [errors.Error]),
        (errors.CompileError, [errors.Error]),
        (errors.CompileManyError, [errors.CompileError]),
        (errors.CancelledError, [errors.Error]),
        (errors.DriverError, [errors.Error]),
        (errors.OutOfMemoryError, [errors.DriverError, MemoryError]),
        (errors.LaunchError, [errors.DriverError]),
        (errors.ArgumentTypeError, [errors.ArgumentError, TypeError]),
        (errors.ArgumentValueError, [errors.ArgumentError, ValueError]),
        (errors.ArgumentError, [errors.Error]),
        (errors.CacheError, [errors.Error]),
        (errors.Error, [Exception]),
    ],
)
def test_hierarchy(child, parents):
    for parent in parents:
        assert issubclass(child, parent)


def test_all_lists_every_class():
    classes = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert classes == set(errors.__all__)


@pytest.mark.parametrize(
    "error",
    [
        errors.LoadError("no library", tried=["a: missing", "b: too old"]),
        errors.CompileError("broken", name="a.cu", log="log", options=["-O"], diagnostics=[], hint="mend it", code=6),
        errors.DriverError("refused", code=1, name="CUDA_ERROR_INVALID_VALUE", call="cuMemAlloc", object="a buffer"),
        errors.OutOfMemoryError("too much", code=2, name="CUDA_ERROR_OUT_OF_MEMORY", call="cuMemAlloc"),
        errors.LaunchError("faulted", code=700, object="kernel 'add'"),
        errors.ArgumentTypeError("wrong type"),
        errors.ArgumentValueError("wrong value"),
        errors.CacheError("no entry"),
        errors.CancelledError("stopped"),
        errors.CompileManyError("1 of 2", name="a.cu", diagnostics=[], failures=[]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_pickling_keeps_the_attributes(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_argument_errors_are_python_errors_too():
    with pytest.raises(TypeError) as wrong_type:
        cj.compile("", options="--bare")
    assert type(wrong_type.value) is errors.ArgumentTypeError
    with pytest.raises(ValueError) as wrong_value:
        cj.set_log_level("shout")
    assert type(wrong_value.value) is errors.ArgumentValueError


def test_diagnostic_can_be_compared_and_pickled():
    with pytest.raises(cj.CompileError) as caught:
        cj.compile("nonsense", cache=False)
    first = caught.value.diagnostics[0]
    copy = pickle.loads(pickle.dumps(first))
    assert copy == first and hash(copy) == hash(first)
    assert first.text in repr(first)


def test_no_driver_is_a_load_error_that_says_what_was_tried(run_python):
    result = run_python(
        "import cujitsu, cujitsu.driver\n"
        "assert not cujitsu.driver_report().usable\n"
        "for call in (cujitsu.Device.count, cujitsu.driver.init, lambda: cujitsu.mem_alloc(4), cujitsu.Stream):\n"
        "    try:\n"
        "        call()\n"
        "    except cujitsu.LoadError as error:\n"
        "        assert any('/nonexistent' in line for line in error.tried), error.tried\n"
        "    else:\n"
        "        raise AssertionError(call)\n",
        CUJITSU_DRIVER="cuda",
        CUJITSU_LIBCUDA="/nonexistent/libcuda.so.1",
    )
    assert result.returncode == 0, result.stderr
