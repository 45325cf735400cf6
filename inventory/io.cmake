# The record's edge: LevelDB, the storage thread, signing, backup. One library beside the room.
