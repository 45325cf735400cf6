#include "service/errand_io.hpp"

#include <utility>

namespace cryobank::service {

ErrandThread::ErrandThread(Post post)
    : post_(std::move(post)),
      worker_(kErrandsWaitingMax, [this](core::RunErrand& errand) { work(errand); }) {}

void ErrandThread::run(core::RunErrand errand) {
  if (auto refused = worker_.add(std::move(errand))) work(*refused);
}

void ErrandThread::work(core::RunErrand& errand) {
  errand.errand->run();
  post_({errand.id});
}

}  // namespace cryobank::service
