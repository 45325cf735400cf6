add_executable(core_bench ${CMAKE_CURRENT_SOURCE_DIR}/core_bench.cpp)
target_link_libraries(core_bench PRIVATE cryobank_simulation)
set_target_properties(core_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
