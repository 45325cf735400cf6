# The outside libraries, all from Debian 12, under the names that rooms list after DEPENDS:
#   Boost::headers               Asio, Beast (1.81, headers only)
#   PkgConfig::MODBUS            libmodbus
#   PahoMqttCpp::paho-mqttpp3    MQTT 5 client
#   leveldb::leveldb             the store
#   OpenSSL::Crypto              digests, signatures, password hashes
#   CURL::libcurl                HTTP to the services of pager channels
#   PkgConfig::SYSTEMD           sd_notify
#   nlohmann_json::nlohmann_json, tomlplusplus::tomlplusplus, CLI11::CLI11
#   benchmark::benchmark         tests/bench only; absent is fine
# Imported targets bring their include folders as SYSTEM, so their warnings are not ours.
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers)
find_package(PahoMqttCpp CONFIG REQUIRED)
find_package(leveldb CONFIG REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(benchmark CONFIG QUIET)
find_package(PkgConfig REQUIRED)
pkg_check_modules(MODBUS REQUIRED IMPORTED_TARGET libmodbus)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
if(CRYOBANK_TESTS)
  find_package(GTest CONFIG REQUIRED)
endif()
