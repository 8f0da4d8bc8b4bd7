# Files as C bytes: seine_embed(TARGET HEADER FOLDER ENDING NAME) adds to TARGET a source that defines the array
# seine_NAME_files of type seine_NAME_file (declared in HEADER: name, bytes, size) and seine_NAME_file_count, one entry for
# each FOLDER/*ENDING by name. Bytes instead of string literals, because C11 limits the length of those. Names are those of
# the files below the source tree, or without folder and ending when WITH_PATH is off.
# `cmake -P` with OUT, HEADER, FOLDER, ENDING, NAME, WITH_PATH and FILES (separated by |) writes such a source.
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
        string(APPEND arrays "static const unsigned char ${stem}_bytes[] = {\n    ${bytes}};\n\n")
        set(name "${stem}")
        if(WITH_PATH)
            set(name "${FOLDER}/${stem}${ENDING}")
        endif()
        string(APPEND rows "    {\"${name}\", ${stem}_bytes, sizeof ${stem}_bytes},\n")
    endforeach()
    file(WRITE "${OUT}" "/* Made by cmake/SeineEmbed.cmake from ${FOLDER}/; do not edit. */\n#include \"${HEADER}\"\n\n"
        "${arrays}const seine_${NAME}_file seine_${NAME}_files[] = {\n${rows}};\n"
        "const size_t seine_${NAME}_file_count = sizeof seine_${NAME}_files / sizeof *seine_${NAME}_files;\n")
    return()
endif()

function(seine_embed target header folder ending name with_path)
    file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*${ending}")
    list(JOIN files "|" list)
    set(source "${CMAKE_BINARY_DIR}/generated/${name}_files.c")
    set(script "${CMAKE_SOURCE_DIR}/cmake/SeineEmbed.cmake")
    add_custom_command(OUTPUT "${source}"
        COMMAND "${CMAKE_COMMAND}" "-DOUT=${source}" "-DHEADER=${header}" "-DFOLDER=${folder}" "-DENDING=${ending}"
            "-DNAME=${name}" "-DWITH_PATH=${with_path}" "-DFILES=${list}" -P "${script}"
        DEPENDS ${files} "${script}" VERBATIM)
    target_sources(${target} PRIVATE "${source}")
endfunction()
