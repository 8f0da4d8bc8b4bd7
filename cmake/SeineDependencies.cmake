# Third-party libraries as imported targets. `tools/setup` provides every one of them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PROJ REQUIRED IMPORTED_TARGET proj)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)

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

# H3: hexagonal cells, from the pinned source.
if(NOT EXISTS "${SEINE_DEPS}/src/h3/h3api.h")
    message(FATAL_ERROR "H3 is missing in ${SEINE_DEPS}: run tools/setup first")
endif()
file(GLOB seine_h3_sources "${SEINE_DEPS}/src/h3/*.c")
add_library(seine_h3 STATIC ${seine_h3_sources})
target_include_directories(seine_h3 SYSTEM PUBLIC "${SEINE_DEPS}/src/h3")
set_target_properties(seine_h3 PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
# Without fused multiply-add, as our own code: cells at an edge would depend on the machine.
target_compile_options(seine_h3 PRIVATE -w -O2 -ffp-contract=off)
target_link_libraries(seine_h3 PRIVATE m)
