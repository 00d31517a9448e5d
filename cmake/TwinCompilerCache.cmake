# Compiles through ccache where it is installed, unless the user named a launcher: the presets and the package
# customers compile the same files again and again. A customer's own build is left alone.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TWIN_CCACHE ccache DOC "Compiler cache")
  mark_as_advanced(TWIN_CCACHE)
  if(TWIN_CCACHE)
    # Without this the cache leaves out what uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TWIN_CCACHE})
  endif()
endif()
