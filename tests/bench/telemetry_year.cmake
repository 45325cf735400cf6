# Fills a year of history, for the figures of scripts/page-measure (docs/measurements-page.md).
add_executable(telemetry_year telemetry_year.cpp)
target_link_libraries(telemetry_year PRIVATE cryobank_flags cryobank_service_io)
set_target_properties(telemetry_year PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
