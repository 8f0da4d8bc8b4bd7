# models/*.sql as C bytes: `cmake -P` with OUT and FILES (separated by |) writes the source; included, it adds the source to the
# library seine_model. Bytes instead of string literals, because C11 limits the length of those.
if(CMAKE_SCRIPT_MODE_FILE)
    string(REPLACE "|" ";" files "${FILES}")
    set(arrays "")
    set(rows "")
    foreach(file IN LISTS files)
        cmake_path(GET file STEM stem)
        file(READ "${file}" hex HEX)
        string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
        string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
            "\\1\n    " bytes "${bytes}")
        string(APPEND arrays "static const unsigned char ${stem}[] = {\n    ${bytes}};\n\n")
        string(APPEND rows "    {\"models/${stem}.sql\", ${stem}, sizeof ${stem}},\n")
    endforeach()
    file(WRITE "${OUT}" "/* Made by cmake/SeineModels.cmake from models/; do not edit. */\n#include \"model/model.h\"\n\n"
        "${arrays}const seine_model_file seine_model_files[] = {\n${rows}};\n"
        "const size_t seine_model_file_count = sizeof seine_model_files / sizeof *seine_model_files;\n")
    return()
endif()

file(GLOB seine_model_sql CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/models/*.sql")
list(JOIN seine_model_sql "|" seine_model_list)
set(seine_models_source "${CMAKE_BINARY_DIR}/generated/model_files.c")
add_custom_command(OUTPUT "${seine_models_source}"
    COMMAND "${CMAKE_COMMAND}" "-DOUT=${seine_models_source}" "-DFILES=${seine_model_list}"
        -P "${CMAKE_SOURCE_DIR}/cmake/SeineModels.cmake"
    DEPENDS ${seine_model_sql} "${CMAKE_SOURCE_DIR}/cmake/SeineModels.cmake" VERBATIM)
target_sources(seine_model PRIVATE "${seine_models_source}")
