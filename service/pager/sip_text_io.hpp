// The small words of SIP (RFC 3261): headers, their parameters, digests, random marks.
#pragma once

#include <string>
#include <string_view>

namespace cryobank::pager {

std::string random_hex();
std::string md5_hex(std::string_view text);
// The value of the first header of this name; empty: none.
std::string sip_header(std::string_view message, std::string_view name);
// "tag" of "<sip:a@b>;tag=c", "realm" of `Digest realm="x", ...`; empty: none.
std::string sip_parameter(std::string_view header, std::string_view name);

// The answer "200 OK" to a request of the other side.
std::string sip_ok(std::string_view request);
// The key that an INFO tells (application/dtmf-relay), as RFC 4733 counts them; -1: none.
int sip_key(std::string_view info);

// Where the other side wants its sound (RFC 4566); port 0: it said none.
struct SdpMedia {
  std::string address;
  int port = 0;
  int event_type = 101;  // of key presses
};
SdpMedia read_sdp(std::string_view message, std::string_view host);
// G.711 mu-law and key presses, at this address and port.
std::string sdp_offer(std::string_view address, int port);

// What answers a challenge (RFC 2617, MD5): the value of Authorization or Proxy-Authorization.
struct SipLogin {
  std::string user;
  std::string password;
};
std::string sip_digest(const SipLogin& login, std::string_view challenge, std::string_view method,
                       std::string_view uri);

}  // namespace cryobank::pager
