# SPDX-License-Identifier: MIT
# Configures, builds and runs the project beside this file, which has a static cujitsu in it. Then installs that, and does
# the same with find_package's project.
# Given: GENERATOR CXX_COMPILER LAUNCHER SOURCE_DIR FIND_PACKAGE_DIR WORK_DIR CUJITSU_SOURCE_DIR PREFIX_PATH
#        EXPECTED_VERSION
include(${CMAKE_CURRENT_LIST_DIR}/../step.cmake)

file(REMOVE_RECURSE "${WORK_DIR}")
set(ENV{CUJITSU_CACHE_DIR} "${WORK_DIR}/cache")
# Not optimised: the library is compiled once more for this.
set(common -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
           -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O0)
step("${CMAKE_COMMAND}" ${common} -S "${SOURCE_DIR}" -B "${WORK_DIR}/build"
     "-DCUJITSU_SOURCE_DIR=${CUJITSU_SOURCE_DIR}" "-DCMAKE_PREFIX_PATH=${PREFIX_PATH}")
step("${CMAKE_COMMAND}" --build "${WORK_DIR}/build" --parallel 2)
step("${WORK_DIR}/build/contains_cujitsu")

step("${CMAKE_COMMAND}" --install "${WORK_DIR}/build" --prefix "${WORK_DIR}/prefix")
step("${CMAKE_COMMAND}" ${common} -S "${FIND_PACKAGE_DIR}" -B "${WORK_DIR}/user"
     "-DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix;${PREFIX_PATH}" "-DEXPECTED_VERSION=${EXPECTED_VERSION}")
step("${CMAKE_COMMAND}" --build "${WORK_DIR}/user")
step("${WORK_DIR}/user/uses_cujitsu")
