# SPDX-License-Identifier: MIT
# Installs the build into a folder of its own, then configures, builds and runs the project beside this file against it.
# Given: GENERATOR CXX_COMPILER BUILD_TYPE SOURCE_DIR WORK_DIR CUJITSU_BUILD_DIR EXPECTED_VERSION
include(${CMAKE_CURRENT_LIST_DIR}/../step.cmake)

file(REMOVE_RECURSE "${WORK_DIR}")
step("${CMAKE_COMMAND}" --install "${CUJITSU_BUILD_DIR}" --prefix "${WORK_DIR}/prefix")

# No public header may include what the package does not bring.
file(GLOB headers "${WORK_DIR}/prefix/include/cujitsu/*.hpp")
foreach(header IN LISTS headers)
  file(STRINGS "${header}" foreign REGEX "#include <(cuda|nvrtc|fmt|spdlog|xxhash|sodium)")
  if(foreign)
    message(FATAL_ERROR "${header}: ${foreign}")
  endif()
endforeach()

step("${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${SOURCE_DIR}" -B "${WORK_DIR}/build"
     "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}"
     "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix" "-DEXPECTED_VERSION=${EXPECTED_VERSION}")
step("${CMAKE_COMMAND}" --build "${WORK_DIR}/build")
set(ENV{CUJITSU_CACHE_DIR} "${WORK_DIR}/cache")
step("${WORK_DIR}/build/uses_cujitsu")

# Where softgpu is installed, the library beside it finds it, and the program launches whatever the machine has.
file(GLOB softgpu "${WORK_DIR}/prefix/lib*/libcujitsu_softgpu.so" "${WORK_DIR}/prefix/lib*/*/libcujitsu_softgpu.so")
if(softgpu)
  set(ENV{CUJITSU_DRIVER} softgpu)
  step("${WORK_DIR}/build/uses_cujitsu")
  if(NOT step_output MATCHES "launched: right|no NVRTC here")
    message(FATAL_ERROR "it did not launch on ${softgpu}")
  endif()
  if(NOT EXISTS "${WORK_DIR}/build/softgpu.txt")
    message(FATAL_ERROR "the package does not tell where softgpu is")
  endif()
endif()

# The installed command finds the installed library.
if(EXISTS "${WORK_DIR}/prefix/bin/cujitsu")
  step("${WORK_DIR}/prefix/bin/cujitsu" cache list)
endif()
