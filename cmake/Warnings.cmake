# SPDX-License-Identifier: MIT
# The warnings for our own code. Always PRIVATE: a project that uses cujitsu keeps its own.

function(cujitsu_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${CUJITSU_WERROR}>:/WX>)
  else()
    # -Wrestrict: GCC 12 blames text + std::string at -O3, https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                             $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>
                                             $<$<BOOL:${CUJITSU_WERROR}>:-Werror>)
  endif()
endfunction()
