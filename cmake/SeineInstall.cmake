# `cmake --install`: program, completions, manual page, library, headers, pkg-config and CMake files; DuckDB's engine in a folder of its own, the default ports.
include(CMakePackageConfigHelpers)

if(TARGET seine)
    install(TARGETS seine RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(PROGRAMS "${SEINE_DEPS}/lib/libduckdb.so" DESTINATION "${CMAKE_INSTALL_LIBDIR}/seine")
    # By which the engine reads lakes in buckets.
    install(DIRECTORY "${SEINE_DEPS}/extensions" DESTINATION "${CMAKE_INSTALL_LIBDIR}/seine"
        FILES_MATCHING PATTERN "httpfs.duckdb_extension")
    install(FILES "${CMAKE_BINARY_DIR}/share/seine/ports.csv" DESTINATION "${CMAKE_INSTALL_DATADIR}/seine")

    # Each shell looks for a name of its own in a folder of its own.
    set(made "${CMAKE_BINARY_DIR}/generated")
    add_custom_command(OUTPUT "${made}/seine.bash" "${made}/_seine" "${made}/seine.fish" "${made}/seine.1"
        COMMAND seine completion bash > "${made}/seine.bash"
        COMMAND seine completion zsh > "${made}/_seine"
        COMMAND seine completion fish > "${made}/seine.fish"
        COMMAND seine help --man > "${made}/seine.1"
        DEPENDS seine VERBATIM)
    add_custom_target(shell_files ALL DEPENDS "${made}/seine.1")
    install(FILES "${made}/seine.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME seine)
    install(FILES "${made}/_seine" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
    install(FILES "${made}/seine.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
    install(FILES "${made}/seine.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/seine" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/NOTICE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(TARGET seine_library)
    set_target_properties(seine_library PROPERTIES EXPORT_NAME seine)
    install(TARGETS seine_library EXPORT seineTargets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    set(seine_cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/seine")
    install(EXPORT seineTargets NAMESPACE seine:: DESTINATION "${seine_cmake_folder}")
    configure_package_config_file("${CMAKE_SOURCE_DIR}/cmake/seineConfig.cmake.in"
        "${CMAKE_BINARY_DIR}/seineConfig.cmake" INSTALL_DESTINATION "${seine_cmake_folder}")
    write_basic_package_version_file("${CMAKE_BINARY_DIR}/seineConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
    install(FILES "${CMAKE_BINARY_DIR}/seineConfig.cmake" "${CMAKE_BINARY_DIR}/seineConfigVersion.cmake"
        DESTINATION "${seine_cmake_folder}")

    # The paths are relative to the .pc file, so that any --prefix given at install time holds.
    file(RELATIVE_PATH SEINE_PC_PREFIX
        "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" SEINE_PC_PREFIX "${SEINE_PC_PREFIX}")
    configure_file("${CMAKE_SOURCE_DIR}/cmake/seine.pc.in" "${CMAKE_BINARY_DIR}/seine.pc" @ONLY)
    install(FILES "${CMAKE_BINARY_DIR}/seine.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
