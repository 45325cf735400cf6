# Figures of the record (docs/measurements-store.md). The test is a short run, so that it stays whole.
find_package(SQLite3 QUIET)
if(SQLite3_FOUND)
  add_executable(store_bench store_bench.cpp)
  target_link_libraries(store_bench PRIVATE cryobank_flags cryobank_record_io SQLite::SQLite3)
  set_target_properties(store_bench PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  add_test(NAME store_bench.short
    COMMAND store_bench --dir store-bench-short --rounds 1 --entries 5000)
  set_tests_properties(store_bench.short PROPERTIES LABELS bench TIMEOUT 120 RUN_SERIAL TRUE)
endif()
