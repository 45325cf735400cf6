// One telephone call by SIP over UDP (RFC 3261), from INVITE to BYE: it speaks a page, hears keys
// (RFC 4733, or SIP INFO), thanks whoever pressed the right ones, and hangs up.
#pragma once

#include <string>
#include <vector>

#include "service/pager/driver.hpp"
#include "service/pager/speech_io.hpp"

namespace cryobank::pager {

struct VoiceSetup {
  std::string host;
  int port = 5060;
  std::string number;
  std::string from = "cryobank";
  std::string user_name;
  std::string password;
  std::string user;  // who is called
  Language language = Language::english;
  std::string program = "/usr/bin/espeak-ng";
  Duration ring = seconds(30);
};

// `delivered` needs the keys of a person, which come as an answer in `heard`; ends by `until`.
Attempt call_by_sip(const VoiceSetup& setup, const Outgoing& page, Until until,
                    std::vector<Heard>& heard);

}  // namespace cryobank::pager
