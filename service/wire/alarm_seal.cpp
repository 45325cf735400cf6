#include "service/wire/alarm_seal.hpp"

#include <cstddef>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kSeal = "seal";
constexpr std::size_t kHashBlock = 64;

// RFC 2104.
std::string hmac(std::string_view key, std::string_view text) {
  std::string inner(key);
  if (inner.size() > kHashBlock) inner = std::string(as_text(sha256(key)));
  inner.resize(kHashBlock, '\0');
  std::string outer = inner;
  for (char& byte : inner) byte = static_cast<char>(byte ^ 0x36);
  for (char& byte : outer) byte = static_cast<char>(byte ^ 0x5c);
  const Sha256 within = sha256(inner, text, {});
  return to_hex(sha256(outer, as_text(within), {}));
}

}  // namespace

void seal_alarm(std::string_view key, Json& alarm) { alarm.set(kSeal, hmac(key, alarm.dump())); }

bool seal_holds(std::string_view key, const Json& alarm) {
  if (!alarm.is_object()) return false;
  Json said = alarm;
  for (const std::string_view added : {kSeal, std::string_view("at"), std::string_view("schema")}) {
    const auto found = said.members().find(added);
    if (found != said.members().end()) said.members().erase(found);
  }
  const Result<std::string> seal = alarm.get_string(kSeal);
  return seal && *seal == hmac(key, said.dump());
}

}  // namespace cryobank::core
