# twin_reference_page(PAGE command…): docs/reference/PAGE is what the command prints.
#
# `cmake --build … --target docs` writes the page; the test `docs.PAGE` fails when the page in the repository is not
# what the command prints today.
if(NOT TARGET docs AND PROJECT_IS_TOP_LEVEL)
  add_custom_target(docs COMMENT "Reference pages are up to date")
endif()

function(twin_reference_page page)
  set(script ${PROJECT_SOURCE_DIR}/cmake/reference_page.cmake)
  set(path ${PROJECT_SOURCE_DIR}/docs/reference/${page})
  string(MAKE_C_IDENTIFIER "docs_${page}" target)
  add_custom_target(${target}
    COMMAND ${CMAKE_COMMAND} -D PAGE=${path} -D MODE=write -P ${script} -- ${ARGN}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} COMMENT "Writing docs/reference/${page}" VERBATIM)
  if(TARGET docs)
    add_dependencies(docs ${target})
  endif()
  if(TWIN_TESTS AND NOT TWIN_SANITIZE)
    add_test(NAME docs.${page} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      COMMAND ${CMAKE_COMMAND} -D PAGE=${path} -D MODE=check -P ${script} -- ${ARGN})
  endif()
endfunction()
