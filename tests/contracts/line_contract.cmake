# The line contract: the real edge on loopback sockets and pseudo terminals, and its virtual twin.
cryobank_test(line_contract_test
  SOURCES line_contract_test.cpp line_contract_faults_test.cpp
  DEPENDS cryobank_devices cryobank_line_io)
target_link_libraries(line_contract_test PRIVATE util)
