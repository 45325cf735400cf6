#include "service/certificate_io.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::service {
namespace {

using File = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

int no_passphrase(char* /*out*/, int /*size*/, int /*writes*/, void* /*data*/) { return -1; }

Certificate read_certificate(const std::string& path) {
  const File file(BIO_new_file(path.c_str(), "r"), &BIO_free_all);
  Certificate read(file ? PEM_read_bio_X509(file.get(), nullptr, no_passphrase, nullptr) : nullptr,
                   &X509_free);
  ERR_clear_error();
  return read;
}

Key read_key(const std::string& path) {
  const File file(BIO_new_file(path.c_str(), "r"), &BIO_free_all);
  Key read(file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr) : nullptr,
           &EVP_PKEY_free);
  ERR_clear_error();
  return read;
}

}  // namespace

Status expect_readable_file(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return make_error(ErrorCode::io, cat("expected a file that can be read, came ", path, ": ",
                                         std::strerror(errno)));
  }
  if (S_ISREG(about.st_mode)) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected a file that can be read, came ", path, ", which is ",
                        S_ISDIR(about.st_mode) ? "a folder" : "no plain file"));
}

Status expect_certificate(const std::string& path) {
  TRY(expect_readable_file(path));
  if (read_certificate(path)) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected a certificate in PEM, came ", path, ", which holds none"));
}

Status expect_private_key(const std::string& path) {
  TRY(expect_readable_file(path));
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 07) != 0) {
    return make_error(ErrorCode::not_authorised,
                      cat("expected a private key that only its owner and group can read, came ",
                          path, ", which everybody can"));
  }
  if (read_key(path)) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("expected a private key in PEM without a passphrase, came ", path, ", which holds none"));
}

Status expect_pair(const std::string& certificate, const std::string& key) {
  const Certificate shown = read_certificate(certificate);
  const Key own = read_key(key);
  const bool fit = shown && own && X509_check_private_key(shown.get(), own.get()) == 1;
  ERR_clear_error();
  if (fit) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected the key of ", certificate, ", came ", key, ", another's"));
}

}  // namespace cryobank::service
