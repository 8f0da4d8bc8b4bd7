# The page of web/. tools/build_web makes it in build/web beside the build folders of all presets, when the content of
# its sources changed; sanitizers and coverage have nothing to say about it.
option(SEINE_WEB "Build the page (needs the Node modules of tools/setup)" ON)
if(SEINE_WEB AND NOT SEINE_SANITIZE AND NOT SEINE_TSAN AND NOT SEINE_COVERAGE AND NOT SEINE_FUZZ)
    add_custom_target(web ALL
        COMMAND "${CMAKE_COMMAND}" -E env "SEINE_DEPS=${SEINE_DEPS}" "${CMAKE_SOURCE_DIR}/tools/build_web"
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" VERBATIM)
    install(DIRECTORY "${CMAKE_SOURCE_DIR}/build/web/" DESTINATION "${CMAKE_INSTALL_DATADIR}/seine/web"
        PATTERN .stamp EXCLUDE)
endif()
