# How every file of ours is compiled: C++20, warnings are errors, includes are written from the root.
# Linked by every room, program and test as `cryobank_flags`.
add_library(cryobank_flags INTERFACE)
target_compile_features(cryobank_flags INTERFACE cxx_std_20)
target_include_directories(cryobank_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(cryobank_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror)
set(CMAKE_CXX_EXTENSIONS OFF)

# g++ 12 sees overlaps and uninitialised bytes in its own optimised std::string and std::variant that
# are not there (GCC bugs 105329, 105651, 105562); the sanitizer builds look for the real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(cryobank_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

# In a group of files (cmake/CryobankRooms.cmake) a hidden class may hold a type of its own file's
# unnamed namespace; g++ takes the group for a header and warns.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(cryobank_flags INTERFACE -Wno-subobject-linkage)
endif()

# CHECK stays on in every build, and so does assert: a release that goes on after an impossible
# state would write it into the record. RelWithDebInfo is what is demonstrated and tested: -O1 takes
# half the compile time of -O2. Release is what is installed and measured (preset "install"). -g1
# keeps names and lines in a stack trace at a third of the size of -g.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

find_package(Threads REQUIRED)
target_link_libraries(cryobank_flags INTERFACE Threads::Threads)

# What the sanitizers may hold back from is in cmake/tsan.supp.
set(CRYOBANK_TIMEOUT_FACTOR 1)
if(CRYOBANK_SANITIZE)
  set(sanitize -fsanitize=${CRYOBANK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(cryobank_flags INTERFACE ${sanitize})
  target_link_options(cryobank_flags INTERFACE ${sanitize})
  set(CRYOBANK_TIMEOUT_FACTOR 6)
  # Asio's fences are not understood by TSan, which says so in every file (docs of g++, -Wtsan).
  if(CRYOBANK_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(cryobank_flags INTERFACE -Wno-tsan)
  endif()
  # clang 14 cannot assemble coroutines with this check.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CRYOBANK_SANITIZE MATCHES "undefined")
    target_compile_options(cryobank_flags INTERFACE -fno-sanitize=function)
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(cryobank_flags INTERFACE -fuse-ld=mold)
endif()
