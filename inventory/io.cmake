# The record's edge: LevelDB, the storage thread, signing, backup.
# Debian's LevelDB configuration also names snappy, whose linker name is in a package that nothing
# installs; the shared library brings snappy by itself.
set_target_properties(leveldb::leveldb PROPERTIES INTERFACE_LINK_LIBRARIES Threads::Threads)
cryobank_room(cryobank_inventory_io FLOOR 4
  SOURCES backup_io.cpp backup_recover_io.cpp backup_thread_io.cpp export_io.cpp file_io.cpp high_water_io.cpp journal_copy_io.cpp leveldb_env_io.cpp leveldb_io.cpp
    sign_io.cpp storage_start_io.cpp storage_thread_io.cpp
  DEPENDS cryobank_inventory cryobank_base leveldb::leveldb OpenSSL::Crypto)
