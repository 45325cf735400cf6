#include "service/secret_io.hpp"

#include <openssl/crypto.h>

#include <csignal>
#include <utility>

#include "config/secret.hpp"

namespace cryobank::service {

SecretThread::SecretThread(Post post)
    : post_(std::move(post)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

SecretThread::~SecretThread() {
  thread_.request_stop();
  thread_.join();
}

void SecretThread::check(core::CheckSecret check) {
  const core::EffectId id = check.id;
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    full = waiting_.size() >= kSecretsWaitingMax;
    if (!full) waiting_.push_back(std::move(check));
  }
  if (full) {
    return post_({id, make_error(ErrorCode::unavailable, "too many signatures wait")});
  }
  wake_.notify_one();
}

void SecretThread::run(const std::stop_token& stop) {
  // Signals are for the loop's thread.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  while (true) {
    core::CheckSecret check;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      check = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const bool matches = config::secret_matches(check.secret, check.hash);
    OPENSSL_cleanse(check.secret.data(), check.secret.size());
    post_({check.id, matches});
  }
}

}  // namespace cryobank::service
