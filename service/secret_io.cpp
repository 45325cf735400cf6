#include "service/secret_io.hpp"

#include <openssl/crypto.h>

#include <utility>

#include "config/secret.hpp"

namespace cryobank::service {

SecretThread::SecretThread(Post post)
    : post_(std::move(post)),
      worker_(kSecretsWaitingMax, [this](core::CheckSecret& check) { look(check); }) {}

void SecretThread::check(core::CheckSecret check) {
  auto refused = worker_.add(std::move(check));
  if (!refused) return;
  OPENSSL_cleanse(refused->secret.data(), refused->secret.size());
  post_({refused->id, make_error(ErrorCode::unavailable, "too many signatures wait")});
}

void SecretThread::look(core::CheckSecret& check) const {
  const bool matches = config::secret_matches(check.secret, check.hash);
  OPENSSL_cleanse(check.secret.data(), check.secret.size());
  post_({check.id, matches});
}

}  // namespace cryobank::service
