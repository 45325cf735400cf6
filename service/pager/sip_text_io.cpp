#include "service/pager/sip_text_io.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace cryobank::pager {

std::string random_hex() {
  std::array<std::uint8_t, 8> bytes{};
  static_cast<void>(::getrandom(bytes.data(), bytes.size(), 0));
  return to_hex(bytes);
}

std::string md5_hex(std::string_view text) {
  std::array<std::uint8_t, 16> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  return to_hex(digest);
}

std::string sip_header(std::string_view message, std::string_view name) {
  const std::string wanted = lower_ascii(name);
  for (const std::string_view line : split(message, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (lower_ascii(trim(line.substr(0, colon))) == wanted)
      return std::string(trim(line.substr(colon + 1)));
  }
  return {};
}

std::string sip_parameter(std::string_view header, std::string_view name) {
  const std::string wanted = cat(name, "=");
  std::size_t at = header.find(wanted);
  while (at != std::string_view::npos && at > 0 && header[at - 1] != ' ' && header[at - 1] != ',' &&
         header[at - 1] != ';') {
    at = header.find(wanted, at + 1);
  }
  if (at == std::string_view::npos) return {};
  std::string_view rest = header.substr(at + wanted.size());
  if (rest.starts_with('"')) return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(trim(rest.substr(0, rest.find_first_of(",; \r"))));
}

std::string sip_ok(std::string_view request) {
  std::string out = "SIP/2.0 200 OK\r\n";
  for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    out += cat(name, ": ", sip_header(request, name), "\r\n");
  }
  return out + "Content-Length: 0\r\n\r\n";
}

int sip_key(std::string_view info) {
  constexpr std::string_view kSignal = "Signal=";
  constexpr std::string_view kKeys = "0123456789*#";
  const std::size_t at = info.find(kSignal);
  if (at == std::string_view::npos || at + kSignal.size() >= info.size()) return -1;
  const std::size_t key = kKeys.find(info[at + kSignal.size()]);
  return key == std::string_view::npos ? -1 : static_cast<int>(key);
}

SdpMedia read_sdp(std::string_view message, std::string_view host) {
  constexpr std::string_view kConnection = "c=IN IP4 ";
  constexpr std::string_view kAudio = "m=audio ";
  constexpr std::string_view kMap = "a=rtpmap:";
  SdpMedia media;
  media.address = std::string(host);
  const auto number = [](std::string_view text) {
    const Result<std::int64_t> value = parse_integer(text.substr(0, text.find(' ')));
    return value && *value > 0 && *value < 65536 ? static_cast<int>(*value) : 0;
  };
  for (const std::string_view raw : split(message, '\n')) {
    const std::string_view line = trim(raw);
    if (line.starts_with(kConnection)) media.address = std::string(line.substr(kConnection.size()));
    if (line.starts_with(kAudio) && media.port == 0)
      media.port = number(line.substr(kAudio.size()));
    if (line.starts_with(kMap) && line.find("telephone-event") != std::string_view::npos) {
      media.event_type = number(line.substr(kMap.size()));
    }
  }
  return media;
}

std::string sdp_offer(std::string_view address, int port) {
  return cat(
      "v=0\r\no=cryobank 1 1 IN IP4 ", address, "\r\ns=page\r\nc=IN IP4 ", address,
      "\r\nt=0 0\r\nm=audio ", port, " RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n",
      "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n");
}

std::string sip_digest(const SipLogin& login, std::string_view challenge, std::string_view method,
                       std::string_view uri) {
  const std::string realm = sip_parameter(challenge, "realm");
  const std::string nonce = sip_parameter(challenge, "nonce");
  const std::string client = random_hex();
  const std::string a1 = md5_hex(cat(login.user, ":", realm, ":", login.password));
  const std::string a2 = md5_hex(cat(method, ":", uri));
  const bool with_qop = sip_parameter(challenge, "qop").find("auth") != std::string::npos;
  const std::string response =
      md5_hex(with_qop ? cat(a1, ":", nonce, ":00000001:", client, ":auth:", a2)
                       : cat(a1, ":", nonce, ":", a2));
  return cat("Digest username=\"", login.user, "\", realm=\"", realm, "\", nonce=\"", nonce,
             "\", uri=\"", uri, "\", response=\"", response, "\", algorithm=MD5",
             with_qop ? cat(", qop=auth, nc=00000001, cnonce=\"", client, "\"") : "");
}

}  // namespace cryobank::pager
