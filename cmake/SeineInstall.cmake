# `cmake --install`: program, library, headers, pkg-config and CMake files.
