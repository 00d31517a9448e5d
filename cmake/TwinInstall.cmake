# Installs the library, its headers, the program and what find_package and pkg-config need.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/twin)

install(TARGETS twin_core EXPORT twin-core-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  FILE_SET headers DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT twin-core-targets NAMESPACE twin:: DESTINATION ${config_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/twin-config.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/twin-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/twin-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/twin-config.cmake ${PROJECT_BINARY_DIR}/cmake/twin-config-version.cmake
  DESTINATION ${config_dir})

configure_file(${CMAKE_CURRENT_LIST_DIR}/twin.pc.in ${PROJECT_BINARY_DIR}/cmake/twin.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cmake/twin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET twin)
  install(TARGETS twin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# The component mpi.
if(TARGET twin_mpi)
  install(TARGETS twin_mpi EXPORT twin-mpi-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET headers DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT twin-mpi-targets NAMESPACE twin:: DESTINATION ${config_dir})
endif()
if(TARGET twin-mpi)
  install(TARGETS twin-mpi RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
