// Errand thread: runs what takes long, one after the other, so that the core and its pages never
// wait for it.
#pragma once

#include <functional>

#include "service/wire/effect.hpp"
#include "service/worker_io.hpp"

namespace cryobank::service {

// One list at a time, and what the lists before it left to be freed.
inline constexpr std::size_t kErrandsWaitingMax = 64;

class ErrandThread {
 public:
  using Post = std::function<void(core::ErrandDone)>;

  // `post` is called on the thread of an errand; it must not block. The end of this waits for the
  // errand that runs; what it reads must live as long.
  explicit ErrandThread(Post post);

  // Never blocks, unless too many wait: then it is run here.
  void run(core::RunErrand errand);

 private:
  void work(core::RunErrand& errand);

  Post post_;
  Worker<core::RunErrand> worker_;
};

}  // namespace cryobank::service
