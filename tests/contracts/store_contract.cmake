cryobank_test(store_contract_test
  SOURCES store_contract_test.cpp
  DEPENDS cryobank_record_io)
