# The open benchmark of dose series (tests/bench/dose-series/README.md): generator, checker and linear
# program share no code with the product.
add_library(dose_series STATIC dose-series/check.cpp dose-series/generate.cpp dose-series/lp.cpp
  dose-series/world.cpp)
target_link_libraries(dose_series PUBLIC cryobank_flags)
add_executable(plan_bench dose-series/plan_bench.cpp)
target_link_libraries(plan_bench PRIVATE cryobank_flags dose_series cryobank_schedule)
set_target_properties(plan_bench PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
# The benchmark alone, and 10,000 random plans of the engine before its checker (minutes; by hand).
add_executable(dose_series_tool dose-series/tool.cpp)
target_link_libraries(dose_series_tool PRIVATE cryobank_flags dose_series)
add_executable(plan_check dose-series/plan_check.cpp)
target_link_libraries(plan_check PRIVATE cryobank_flags dose_series cryobank_schedule)
set_target_properties(dose_series_tool plan_check PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
cryobank_test(dose_series_test SOURCES dose-series/dose_series_test.cpp
  DEPENDS dose_series cryobank_schedule LABELS bench TIMEOUT 200)

# CHT-I, the public instances nearest to ours, through the product's own engine.
add_library(cht_i STATIC cht-i/hospital_day.cpp cht-i/orders.cpp cht-i/read_hospital.cpp)
target_link_libraries(cht_i PUBLIC cryobank_flags cryobank_schedule)
add_executable(cht_bench cht-i/cht_bench.cpp)
target_link_libraries(cht_bench PRIVATE cryobank_flags cht_i cryobank_schedule)
set_target_properties(cht_bench PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
cryobank_test(cht_test SOURCES cht-i/cht_test.cpp
  DEPENDS cht_i cryobank_schedule LABELS bench TIMEOUT 200)

# RCPSP/max in the public format of ProGen/max (UBO, sm_j), through the engine of the minute plan.
add_library(rcpsp_max STATIC rcpsp-max/sch.cpp)
target_link_libraries(rcpsp_max PUBLIC cryobank_flags cryobank_schedule)
add_executable(sch_bench rcpsp-max/sch_bench.cpp)
target_link_libraries(sch_bench PRIVATE cryobank_flags rcpsp_max cryobank_schedule)
set_target_properties(sch_bench PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
cryobank_test(sch_test SOURCES rcpsp-max/sch_test.cpp
  DEPENDS rcpsp_max cryobank_schedule LABELS bench TIMEOUT 120)
