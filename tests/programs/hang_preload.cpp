// Preloaded into a daemon by store_hang_test: as long as the file that CRYOBANK_HANG_FILE names is
// there, whoever wants bytes to be on the disk waits, as for a controller that never answers.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

void wait_while_hanging() {
  const char* file = std::getenv("CRYOBANK_HANG_FILE");
  while (file != nullptr && ::access(file, F_OK) == 0) {
    const timespec pause{0, 20'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

int call(const char* name, int descriptor) {
  using Sync = int (*)(int);
  wait_while_hanging();
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" int fsync(int descriptor) { return call("fsync", descriptor); }
extern "C" int fdatasync(int descriptor) { return call("fdatasync", descriptor); }
