# SPDX-License-Identifier: MIT
# The warnings for our own code. Always PRIVATE: a project that uses cujitsu keeps its own.

function(cujitsu_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${CUJITSU_WERROR}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                             $<$<BOOL:${CUJITSU_WERROR}>:-Werror>)
  endif()
endfunction()
