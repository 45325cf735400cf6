// Secret thread: looks at signing secrets, one after the other, so that the core never waits for
// the quarter of a second that each look takes on purpose. Secrets are wiped after the look.
#pragma once

#include <functional>

#include "service/wire/effect.hpp"
#include "service/worker_io.hpp"

namespace cryobank::service {

// The core asks for fewer at a time (core/signing_desk.hpp).
inline constexpr std::size_t kSecretsWaitingMax = 64;

class SecretThread {
 public:
  using Post = std::function<void(core::SecretChecked)>;

  // `post` is called on a thread of this class; it must not block.
  explicit SecretThread(Post post);

  // Never blocks. When too many wait, the answer is an Error at once.
  void check(core::CheckSecret check);

 private:
  void look(core::CheckSecret& check) const;

  Post post_;
  Worker<core::CheckSecret> worker_;
};

}  // namespace cryobank::service
