# Figures of polling (docs/measurements-polling.md), and a hostile slave in real time. The tests are
# short runs, so that both stay whole; the figures come from long ones.
foreach(measurement poll_bench hostile_slave)
  add_executable(${measurement} ${measurement}.cpp)
  target_link_libraries(${measurement} PRIVATE cryobank_flags cryobank_devices cryobank_line_io util)
  set_target_properties(${measurement} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
endforeach()
add_test(NAME poll_bench.short COMMAND poll_bench --devices 32 --seconds 4)
add_test(NAME hostile_slave.short COMMAND hostile_slave --seconds 10)
set_tests_properties(poll_bench.short hostile_slave.short PROPERTIES
  LABELS bench TIMEOUT 180 RUN_SERIAL TRUE)
