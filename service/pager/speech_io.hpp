// Speech: what a page says on the telephone, in English or Japanese, as G.711 mu-law at 8 kHz,
// spoken by espeak-ng. The words are pure; only the synthesis runs a program, with a bound on its
// time.
#pragma once

#include <string>
#include <string_view>

#include "base/language.hpp"
#include "service/pager/driver.hpp"

namespace cryobank::pager {

// The whole call: priority, text, and which keys answer. The code is said digit by digit.
std::string spoken_text(const Outgoing& page, Language language);
std::string spoken_thanks(Language language);

// Empty: the program failed, `why` says how.
std::string speak(const std::string& program, Language language, std::string_view text, Until until,
                  std::string& why);

char mu_law(int sample);  // of 16 bits

}  // namespace cryobank::pager
