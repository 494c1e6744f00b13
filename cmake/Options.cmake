# SPDX-License-Identifier: MIT
# Every option of the build, and what follows from being the top project or a part of another.

option(BUILD_SHARED_LIBS "Build libcujitsu as a shared library" ${PROJECT_IS_TOP_LEVEL})

option(CUJITSU_BUILD_CLI "Build the command cujitsu" ${PROJECT_IS_TOP_LEVEL})
option(CUJITSU_BUILD_SOFTGPU "Build libcujitsu_softgpu, the driver that runs kernels on the CPU" ${PROJECT_IS_TOP_LEVEL})
option(CUJITSU_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CUJITSU_BUILD_EXAMPLES "Build examples/cpp" ${PROJECT_IS_TOP_LEVEL})
option(CUJITSU_BUILD_PYTHON "Build the Python package" OFF)
option(CUJITSU_BUILD_BENCHMARKS "Build benchmarks/" OFF)
option(CUJITSU_FETCH_DEPENDENCIES "Download what find_package does not find, at pinned versions" OFF)
option(CUJITSU_WERROR "Treat warnings as errors" OFF)
set(CUJITSU_SANITIZE "" CACHE STRING "Sanitizers for everything built: address,undefined or thread")

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
  endif()
  find_program(CUJITSU_CCACHE ccache)
  mark_as_advanced(CUJITSU_CCACHE)
  if(CUJITSU_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CUJITSU_CCACHE}")
  endif()
endif()

if(CUJITSU_SANITIZE)
  add_compile_options(-fsanitize=${CUJITSU_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CUJITSU_SANITIZE})
endif()
