// A telephone call by SIP over UDP (RFC 3261) with spoken text (RFC 3550, G.711 mu-law) and key
// presses (RFC 4733, or SIP INFO). `delivered` needs a key: whoever picks up without pressing one
// may be a machine, and is `sent`. 1 and the code: coming; 2: later; 3: not coming.
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "service/pager/sip_call_io.hpp"

namespace cryobank::pager {
namespace {

class VoiceDriver : public Driver {
 public:
  explicit VoiceDriver(VoiceSetup setup) : setup_(std::move(setup)) {}

  Attempt send(const Outgoing& page, Until until) override {
    // Nobody is called a second time to be told that the first call was understood.
    if (page.kind == "answer") return {Fate::sent, {}, {}, false};
    return call_by_sip(setup_, page, until, heard_);
  }

  bool hears() const override { return !heard_.empty(); }
  std::vector<Heard> listen(Until) override { return std::exchange(heard_, {}); }

  std::vector<NeededFile> needs() const override {
    return {{"speech_program", setup_.program, X_OK}};
  }

  std::string probe(Until until) override {
    std::string why;
    const std::string sound = speak(setup_.program, setup_.language, "1", until, why);
    return sound.empty() ? why : std::string();
  }

 private:
  VoiceSetup setup_;
  std::vector<Heard> heard_;
};

std::unique_ptr<Driver> make_voice(config::TableReader& reader, const ChannelCommon&) {
  VoiceSetup setup;
  std::string language = "en";
  reader.text("host", setup.host, config::Need::required);
  reader.integer("port", setup.port, 1, 65535);
  reader.text("number", setup.number, config::Need::required);
  reader.text("from", setup.from);
  reader.text("user_name", setup.user_name);
  reader.text("password", setup.password);
  read_user(reader, setup.user);
  reader.text("language", language);
  read_path(reader, "speech_program", setup.program);
  reader.duration("ring", setup.ring, seconds(5), minutes(2));
  if (language != "en" && language != "ja") {
    reader.fault("language", cat("expected en or ja, came \"", clip(language, 10), "\""));
  }
  setup.language = language == "ja" ? Language::japanese : Language::english;
  for (const auto& [key, word] :
       {std::pair("number", &setup.number), std::pair("from", &setup.from),
        std::pair("user_name", &setup.user_name)}) {
    const bool good = std::ranges::all_of(*word, [](char c) {
      return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '@' && c != ';';
    });
    if (!good) refuse_value(reader, key, "a word without blanks and <>\"@;", *word);
  }
  return std::make_unique<VoiceDriver>(std::move(setup));
}

const KindRegistration kVoice({"voice", "delivered", minutes(2), make_voice});

}  // namespace
}  // namespace cryobank::pager
