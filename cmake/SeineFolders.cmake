# One static library per folder of src, and everything built from them.

# Flags of every C file of ours.
add_library(seine_flags INTERFACE)
target_compile_definitions(seine_flags INTERFACE _GNU_SOURCE SEINE_VERSION="${PROJECT_VERSION}")
# Fused multiply-add would make results depend on the machine.
target_compile_options(seine_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -ffp-contract=off -fvisibility=hidden)
if(SEINE_WERROR)
    target_compile_options(seine_flags INTERFACE -Werror)
endif()
target_compile_features(seine_flags INTERFACE c_std_11)
target_link_libraries(seine_flags INTERFACE Threads::Threads m)
if(SEINE_SANITIZE)
    target_compile_options(seine_flags INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(seine_flags INTERFACE -fsanitize=address,undefined)
endif()
if(SEINE_TSAN)
    if(SEINE_SANITIZE)
        message(FATAL_ERROR "ThreadSanitizer cannot be combined with AddressSanitizer: give SEINE_TSAN or SEINE_SANITIZE")
    endif()
    target_compile_options(seine_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(seine_flags INTERFACE -fsanitize=thread)
    # The engine calls these from threads of its own, and hands their results over by atomics that are not seen.
    set_source_files_properties("${CMAKE_SOURCE_DIR}/src/engine/functions.c" PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)
endif()
if(SEINE_COVERAGE)
    target_compile_options(seine_flags INTERFACE --coverage -O0)
    target_link_options(seine_flags INTERFACE --coverage)
endif()
if(SEINE_FUZZ)
    target_compile_options(seine_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# For programs that nobody installs: there are more than a hundred of them, and the usual linker takes four times as long.
include(CheckLinkerFlag)
check_linker_flag(C -fuse-ld=gold SEINE_GOLD)
add_library(seine_quick_link INTERFACE)
if(SEINE_GOLD)
    target_link_options(seine_quick_link INTERFACE -fuse-ld=gold)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Build-tree programs find libduckdb.so where it lies; installed ones beside the other libraries.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/seine")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set_property(GLOBAL PROPERTY SEINE_FOLDERS "")

# seine_folder(NAME "folder;it;may;use" third-party libraries…): library seine_NAME of src/NAME/*.c, if there are any.
function(seine_folder name uses)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.c" "${CMAKE_SOURCE_DIR}/src/${name}/*/*.c"
        "${CMAKE_SOURCE_DIR}/src/${name}/*/*/*.c")
    if(NOT sources)
        return()
    endif()
    set(library "seine_${name}")
    add_library(${library} STATIC ${sources})
    set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${library} PUBLIC
        "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>")
    foreach(used IN LISTS uses)
        if(TARGET seine_${used})
            target_link_libraries(${library} PUBLIC seine_${used})
        endif()
    endforeach()
    # PRIVATE: only this folder sees the third-party headers; the linker still gets the libraries.
    target_link_libraries(${library} PRIVATE ${ARGN} PUBLIC seine_flags)
    set_property(GLOBAL APPEND PROPERTY SEINE_FOLDERS ${name})
endfunction()

# Links TARGET to the libraries of FOLDERS which exist.
function(seine_link target)
    target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
    foreach(folder IN LISTS ARGN)
        if(TARGET seine_${folder})
            target_link_libraries(${target} PRIVATE seine_${folder})
        endif()
    endforeach()
    target_link_libraries(${target} PRIVATE seine_flags)
endfunction()

# Sets OUT to the folders that SOURCE asks for in its first line, `/* links: base core */`, or to all.
function(seine_links_of source out)
    file(STRINGS "${source}" first LIMIT_COUNT 1)
    if(first MATCHES "^/\\* links: ([a-z ]+)")
        string(STRIP "${CMAKE_MATCH_1}" folders)
        string(REGEX REPLACE " +" ";" folders "${folders}")
    else()
        get_property(folders GLOBAL PROPERTY SEINE_FOLDERS)
        list(REVERSE folders) # users before what they use
    endif()
    set(${out} "${folders}" PARENT_SCOPE)
endfunction()

# The program `seine` of src/cli; what its commands share is apart, so that tests can link it as `cli`.
function(seine_program)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/cli/*.c" "${CMAKE_SOURCE_DIR}/src/cli/*/*.c")
    if(NOT sources)
        return()
    endif()
    set(shared args.c command_line.c commands/help.c config.c help.c man.c option.c progress.c terminal.c words.c)
    list(TRANSFORM shared PREPEND "${CMAKE_SOURCE_DIR}/src/cli/")
    list(REMOVE_ITEM sources ${shared})
    add_library(seine_cli OBJECT ${shared})
    target_include_directories(seine_cli PUBLIC "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(seine_cli PUBLIC PkgConfig::EDIT seine_flags)
    add_executable(seine ${sources})
    get_property(folders GLOBAL PROPERTY SEINE_FOLDERS)
    list(REVERSE folders)
    seine_link(seine cli ${folders})
    # The old kind of RPATH also counts for what the libraries need themselves: tools/dist puts all of them in one folder.
    target_link_options(seine PRIVATE -Wl,--disable-new-dtags)
    # Where the program looks for the ports that come with it, in the build tree as when installed.
    configure_file("${CMAKE_SOURCE_DIR}/data/ports.csv" "${CMAKE_BINARY_DIR}/share/seine/ports.csv" COPYONLY)
endfunction()

# libseine.so: the public library (include/seine) for other languages.
function(seine_shared_library)
    set(objects "")
    set(libraries "")
    foreach(folder columns core base)
        if(TARGET seine_${folder})
            list(APPEND objects "$<TARGET_OBJECTS:seine_${folder}>")
            list(APPEND libraries seine_${folder})
        endif()
    endforeach()
    if(NOT objects)
        return()
    endif()
    add_library(seine_library SHARED ${objects})
    set_target_properties(seine_library PROPERTIES
        OUTPUT_NAME seine VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE C
        LINK_DEPENDS "${CMAKE_SOURCE_DIR}/cmake/libseine.map"
        INSTALL_RPATH "$ORIGIN/seine")
    target_include_directories(seine_library PUBLIC
        "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    target_link_options(seine_library PRIVATE "-Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/libseine.map"
        -Wl,--disable-new-dtags)
    # Each folder's objects are in already; its library adds what they need and nothing twice.
    target_link_libraries(seine_library PRIVATE seine_flags ${libraries})
endfunction()

# bench/*.c, one program each; built by the target bench_programs only.
function(seine_bench_programs)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/*.c")
    add_custom_target(bench_programs)
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        seine_links_of("${source}" folders)
        add_executable(${name} EXCLUDE_FROM_ALL "${source}")
        seine_link(${name} ${folders})
        add_dependencies(bench_programs ${name})
    endforeach()
endfunction()

# fuzz/fuzz_NAME.c: each defines LLVMFuzzerTestOneInput. Without SEINE_FUZZ a small main replays fuzz/corpus/NAME.
function(seine_fuzz_programs)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/fuzz/fuzz_*.c")
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        string(REGEX REPLACE "^fuzz_" "" corpus "${name}")
        seine_links_of("${source}" folders)
        if(SEINE_FUZZ)
            add_executable(${name} "${source}")
            target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        else()
            add_executable(${name} "${source}" "${CMAKE_SOURCE_DIR}/fuzz/replay.c")
            add_test(NAME ${name} COMMAND ${name} "${CMAKE_SOURCE_DIR}/fuzz/corpus/${corpus}")
        endif()
        seine_link(${name} ${folders})
        target_link_libraries(${name} PRIVATE seine_quick_link)
    endforeach()
endfunction()
