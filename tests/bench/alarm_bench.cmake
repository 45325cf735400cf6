add_executable(alarm_bench ${CMAKE_CURRENT_SOURCE_DIR}/alarm_bench.cpp
  ${PROJECT_SOURCE_DIR}/tests/devices/detect/story_tank.cpp)
target_link_libraries(alarm_bench PRIVATE cryobank_flags cryobank_alarms cryobank_detect)
set_target_properties(alarm_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
add_test(NAME alarm_bench.short COMMAND alarm_bench --days 5 --minutes 1)
set_tests_properties(alarm_bench.short PROPERTIES LABELS bench TIMEOUT 180)
