# The functions every folder uses, and the rule of the floors.
#
#   cryobank_room(cryobank_devices FLOOR 2
#     SOURCES register_codec.cpp freezer.cpp
#     DEPENDS cryobank_config cryobank_base)
# makes a static library; a room of headers only leaves SOURCES out. DEPENDS names rooms (they reach
# the users of this room too) and outside libraries (they stay private below floor 4). A room on a
# lower floor is always allowed. On the same floor only a room of an enclosing folder is, and the
# steps between neighbours that cryobank_steps lists (the fleet may name devices/line); on floor 4
# the programs under service/ may name every *_io room, since that is where the world is wired up.
# Everything else stops the configuration. An
# upward step past this check still fails to link, because the library that has the symbol is not on
# the link line.
#
#   cryobank_program(cryobankd SOURCES main.cpp DEPENDS cryobank_service_io)
# makes a program in build/bin/; it may name every room. The target `programs` builds all of them.
#
#   cryobank_test(ledger_test SOURCES ledger_test.cpp DEPENDS cryobank_inventory
#     [LABELS slow] [TIMEOUT 300] [SERIAL])
# makes a GoogleTest program whose tests ctest finds when it runs, so building runs nothing.
# TIMEOUT is in seconds per test, 60 unless said; sanitizer builds get six times as much. SERIAL
# tests run alone. Tests see CRYOBANK_SOURCE_DIR and CRYOBANK_BIN_DIR as string macros.
include(GoogleTest)

set(CRYOBANK_TEST_TIMEOUT 60)

# Most of a file's compile time is headers, so files of a room are compiled in groups. Names in
# unnamed namespaces are therefore unique within a room. clang-tidy reads each file by itself
# (scripts/tidy), which also shows that each one includes what it uses.
option(CRYOBANK_GROUPED "Compile files of a room in groups" ON)
set(CRYOBANK_GROUP_SIZE 10)
function(cryobank_group target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${CRYOBANK_GROUPED} UNITY_BUILD_BATCH_SIZE ${CRYOBANK_GROUP_SIZE})
endfunction()
add_custom_target(programs)

# Steps between rooms of one floor, "from>to"; tests/house/floors.cpp has the same list for includes.
set(cryobank_steps
  "devices/plant>devices/line" "devices/plant>devices/detect" "devices/robot>devices/line"
  "devices>devices/line" "devices>devices/plant" "devices>devices/robot"
  "devices/conform>devices/line" "devices/conform>devices/robot"
  "inventory/commands>inventory/ledger"
  "inventory/record>inventory/ledger" "inventory/record>inventory/commands"
  "service/core>service/wire")

# Adds a folder that has a CMakeLists.txt, unless CRYOBANK_ROOMS leaves it out.
function(cryobank_add_folder folder)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    return()
  endif()
  if(CRYOBANK_ROOMS AND NOT folder STREQUAL "base" AND NOT folder IN_LIST CRYOBANK_ROOMS)
    return()
  endif()
  add_subdirectory(${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/rooms/${folder})
endfunction()

# Is `inner` the folder `outer` or below it?
function(cryobank_encloses outer inner result)
  string(FIND "${inner}/" "${outer}/" position)
  if(position EQUAL 0)
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

function(cryobank_refuse_unless_lower name floor folder dependency)
  get_target_property(below ${dependency} CRYOBANK_FLOOR)
  get_target_property(other ${dependency} CRYOBANK_FOLDER)
  if(below LESS floor)
    return()
  endif()
  cryobank_encloses("${other}" "${folder}" own)
  cryobank_encloses(service "${folder}" wiring)
  if("${folder}>${other}" IN_LIST cryobank_steps)
    set(own TRUE)
  endif()
  if(below EQUAL floor AND (own OR (floor EQUAL 4 AND wiring)))
    return()
  endif()
  message(FATAL_ERROR "${name} (floor ${floor}, ${folder}/) may not depend on ${dependency} "
    "(floor ${below}, ${other}/): only lower floors and enclosing folders are allowed")
endfunction()

function(cryobank_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FLOOR" "SOURCES;DEPENDS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_FLOOR MATCHES "^[0-4]$")
    message(FATAL_ERROR "${name}: expected FLOOR 0 to 4, SOURCES and DEPENDS, came ${ARGN}")
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE folder)
  set(public PUBLIC)
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    cryobank_group(${name})
  else()
    add_library(${name} INTERFACE)
    set(public INTERFACE)
  endif()
  target_link_libraries(${name} ${public} cryobank_flags)
  set_target_properties(${name} PROPERTIES CRYOBANK_FLOOR ${arg_FLOOR} CRYOBANK_FOLDER ${folder})
  foreach(dependency IN LISTS arg_DEPENDS)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR "${name} depends on ${dependency}, which is neither a room that stands "
        "already (lower floors come first) nor a library of cmake/CryobankLibraries.cmake")
    endif()
    if(dependency MATCHES "^cryobank_")
      cryobank_refuse_unless_lower(${name} ${arg_FLOOR} ${folder} ${dependency})
      target_link_libraries(${name} ${public} ${dependency})
    elseif(arg_FLOOR EQUAL 4 OR NOT arg_SOURCES)
      target_link_libraries(${name} ${public} ${dependency})
    else()
      target_link_libraries(${name} PRIVATE ${dependency})
    endif()
  endforeach()
endfunction()

function(cryobank_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE cryobank_flags ${arg_DEPENDS})
  add_dependencies(programs ${name})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

function(cryobank_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "SOURCES;DEPENDS;LABELS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "${name}: expected SOURCES, DEPENDS, LABELS, TIMEOUT, SERIAL, came ${ARGN}")
  endif()
  add_executable(${name} ${arg_SOURCES})
  cryobank_group(${name})
  target_link_libraries(${name} PRIVATE cryobank_flags ${arg_DEPENDS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  target_compile_definitions(${name} PRIVATE
    CRYOBANK_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    CRYOBANK_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${CRYOBANK_TEST_TIMEOUT})
  endif()
  math(EXPR timeout "${arg_TIMEOUT} * ${CRYOBANK_TIMEOUT_FACTOR}")
  # What may take long begins first, so that it is not waited for alone at the end.
  set(properties TIMEOUT ${timeout} COST ${timeout})
  if(arg_LABELS)
    list(APPEND properties LABELS "${arg_LABELS}")
  endif()
  if(arg_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    TEST_PREFIX "${name}." PROPERTIES ${properties})
endfunction()
