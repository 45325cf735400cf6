// Secret thread: looks at signing secrets, one after the other, so that the core never waits for
// the quarter of a second that each look takes on purpose. Secrets are wiped after the look.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "service/wire/effect.hpp"

namespace cryobank::service {

// The core asks for fewer at a time (core/signing_desk.hpp).
inline constexpr std::size_t kSecretsWaitingMax = 64;

class SecretThread {
 public:
  using Post = std::function<void(core::SecretChecked)>;

  // `post` is called on this class's thread; it must not block.
  explicit SecretThread(Post post);
  ~SecretThread();
  SecretThread(const SecretThread&) = delete;
  SecretThread& operator=(const SecretThread&) = delete;

  // Never blocks. When too many wait, the answer is an Error at once.
  void check(core::CheckSecret check);

 private:
  void run(const std::stop_token& stop);

  Post post_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<core::CheckSecret> waiting_;
  std::jthread thread_;
};

}  // namespace cryobank::service
