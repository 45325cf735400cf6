# Configures and builds the small house with the mistake CASE, and expects what must come of it.
file(REMOVE_RECURSE ${BINARY})
execute_process(
  COMMAND ${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${BINARY} -DCASE=${CASE} -DTREE=${TREE}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Debug
  RESULT_VARIABLE configured OUTPUT_VARIABLE said ERROR_VARIABLE said)
string(REGEX REPLACE "[ \n]+" " " said "${said}")

set(refusal_upward "cryobank_config .floor 1, config/. may not depend on cryobank_core .floor 3")
set(refusal_sideways "cryobank_alarms .floor 2, alarms/. may not depend on cryobank_devices")
set(refusal_enclosing "cryobank_devices_tank .floor 2, devices/tank/. may not depend on cryobank_al")
set(refusal_unknown "cryobank_alarms depends on cryobank_later, which is neither a room")
if(DEFINED refusal_${CASE})
  if(configured EQUAL 0 OR NOT said MATCHES "${refusal_${CASE}}")
    message(FATAL_ERROR "${CASE}: expected a refusal, \"${refusal_${CASE}}\", came: ${said}")
  endif()
  return()
endif()

if(NOT configured EQUAL 0)
  message(FATAL_ERROR "${CASE}: expected the small house to be configured, came: ${said}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BINARY}
  RESULT_VARIABLE built OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(CASE STREQUAL "allowed" AND NOT built EQUAL 0)
  message(FATAL_ERROR "expected the small house to be built, came: ${said}")
endif()
if(CASE STREQUAL "link" AND (built EQUAL 0 OR NOT said MATCHES "undefined (symbol|reference).*decide"))
  message(FATAL_ERROR "expected the linker to refuse the upward call, came: ${said}")
endif()
