# Third-party libraries as imported targets. `tools/setup` provides every one of them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PROJ REQUIRED IMPORTED_TARGET proj)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)

# Older libdeflate packages have no pkg-config file.
find_path(SEINE_DEFLATE_INCLUDE libdeflate.h REQUIRED)
find_library(SEINE_DEFLATE_LIBRARY deflate REQUIRED)
add_library(seine_deflate UNKNOWN IMPORTED)
set_target_properties(seine_deflate PROPERTIES
    IMPORTED_LOCATION "${SEINE_DEFLATE_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SEINE_DEFLATE_INCLUDE}")

# DuckDB: engine and header of one pinned version.
if(NOT EXISTS "${SEINE_DEPS}/include/duckdb.h" OR NOT EXISTS "${SEINE_DEPS}/lib/libduckdb.so")
    message(FATAL_ERROR "DuckDB is missing in ${SEINE_DEPS}: run tools/setup first")
endif()
add_library(seine_duckdb SHARED IMPORTED)
set_target_properties(seine_duckdb PROPERTIES
    IMPORTED_LOCATION "${SEINE_DEPS}/lib/libduckdb.so"
    IMPORTED_SONAME "libduckdb.so"
    INTERFACE_INCLUDE_DIRECTORIES "${SEINE_DEPS}/include")

# yyjson: the system's when new enough, else the pinned source.
pkg_check_modules(YYJSON QUIET IMPORTED_TARGET yyjson>=0.8)
if(YYJSON_FOUND)
    add_library(seine_yyjson INTERFACE)
    target_link_libraries(seine_yyjson INTERFACE PkgConfig::YYJSON)
else()
    if(NOT EXISTS "${SEINE_DEPS}/src/yyjson/yyjson.c")
        message(FATAL_ERROR "yyjson is missing in ${SEINE_DEPS}: run tools/setup first")
    endif()
    add_library(seine_yyjson STATIC "${SEINE_DEPS}/src/yyjson/yyjson.c")
    target_include_directories(seine_yyjson SYSTEM PUBLIC "${SEINE_DEPS}/src/yyjson")
    set_target_properties(seine_yyjson PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    target_compile_options(seine_yyjson PRIVATE -w -O2)
endif()
