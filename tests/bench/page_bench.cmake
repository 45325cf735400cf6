# How late a page leaves (docs/measurements.md). The test is a short run: an import of 2,000.
add_executable(page_bench ${CMAKE_CURRENT_SOURCE_DIR}/page_bench.cpp)
target_link_libraries(page_bench PRIVATE cryobank_flags cryobank_simulation)
set_target_properties(page_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
add_test(NAME page_bench.short COMMAND page_bench --lines 2000 --devices 60 --alarms 100)
set_tests_properties(page_bench.short PROPERTIES LABELS bench TIMEOUT 60)
