// A telephone call by SIP over UDP (RFC 3261) with spoken text (RFC 3550, G.711 mu-law) and key
// presses (RFC 4733, or SIP INFO). `delivered` needs a key: whoever picks up without pressing one
// may be a machine, and is `sent`. 1 and the code: coming; 2: later; 3: not coming.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "service/pager/driver.hpp"
#include "service/pager/rtp_line_io.hpp"
#include "service/pager/sip_text_io.hpp"
#include "service/pager/speech_io.hpp"

namespace cryobank::pager {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kT1{500};  // RFC 3261, 17.1.1.1
constexpr milliseconds kT2{4000};
constexpr milliseconds kPacket{20};
constexpr int kTimesSpoken = 3;
constexpr milliseconds kPauseBetween{1500};
constexpr milliseconds kAfterSpeech{8000};
constexpr std::size_t kDatagramMax = 4096;

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

// One call, from INVITE to BYE.
class Call {
 public:
  Call(const VoiceSetup& setup, Until until)
      : setup_(setup), until_(until), call_id_(random_hex()), tag_(random_hex()) {}

  Attempt run(const Outgoing& page, std::vector<Heard>& heard) {
    std::string why;
    const std::string speech =
        speak(setup_.program, setup_.language, spoken_text(page, setup_.language), until_, why);
    if (speech.empty()) return fail(why);
    if (!open()) return fail(why_);
    const int code = invite();
    if (code / 100 != 2) {
      return fail(code == 0 ? why_ : cat("SIP ", code, code == 486 ? " busy" : ""));
    }
    talk(speech, page.code);
    hang_up();
    return judge(page, heard);
  }

 private:
  static Attempt fail(std::string why) { return {Fate::failed, std::move(why), {}, false}; }

  bool open() {
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(setup_.host.c_str(), std::to_string(setup_.port).c_str(), &hints, &found) !=
        0) {
      why_ = cat("no address for ", setup_.host);
      return false;
    }
    sip_.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool good = ::connect(sip_.fd, found->ai_addr, found->ai_addrlen) == 0;
    ::freeaddrinfo(found);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(sip_.fd, reinterpret_cast<sockaddr*>(&own), &size);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size());
    address_ = text.data();
    sip_port_ = ntohs(own.sin_port);
    if (good && rtp_.open(own)) return true;
    why_ = "no UDP socket";
    return false;
  }

  std::string uri() const { return cat("sip:", setup_.number, "@", setup_.host, ":", setup_.port); }

  std::string request(std::string_view method, std::string_view target, int cseq,
                      std::string_view branch, std::string_view extra,
                      std::string_view body) const {
    return cat(method, " ", target, " SIP/2.0\r\nVia: SIP/2.0/UDP ", address_, ":", sip_port_,
               ";rport;branch=z9hG4bK", branch, "\r\nMax-Forwards: 70\r\nFrom: <sip:", setup_.from,
               "@", address_, ">;tag=", tag_, "\r\nTo: <", uri(), ">",
               to_tag_.empty() ? "" : cat(";tag=", to_tag_), "\r\nCall-ID: ", call_id_,
               "\r\nCSeq: ", cseq, " ", method, "\r\nContact: <sip:", setup_.from, "@", address_,
               ":", sip_port_, ">\r\n", extra,
               body.empty() ? "" : "Content-Type: application/sdp\r\n",
               "Content-Length: ", body.size(), "\r\n\r\n", body);
  }

  bool send_sip(const std::string& message) const {
    return ::send(sip_.fd, message.data(), message.size(), MSG_NOSIGNAL) >= 0;
  }

  std::optional<std::string> receive(milliseconds within) {
    pollfd one{sip_.fd, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(within.count())) <= 0) return std::nullopt;
    std::array<char, kDatagramMax> datagram{};
    const ssize_t got = ::recv(sip_.fd, datagram.data(), datagram.size(), 0);
    if (got <= 0) {
      why_ = "nobody listens at the SIP address";
      return std::nullopt;
    }
    return std::string(datagram.data(), static_cast<std::size_t>(got));
  }

  // The status of an answer to this call; 0: it is none.
  int status_of(std::string_view message) const {
    if (!message.starts_with("SIP/2.0 ") || sip_header(message, "Call-ID") != call_id_) return 0;
    const Result<std::int64_t> code = parse_integer(message.substr(8, 3));
    return code && *code >= 100 && *code < 700 ? static_cast<int>(*code) : 0;
  }

  int invite() {
    std::string authorisation;
    for (int round = 0; round < 3; ++round) {
      const int code = invite_once(authorisation);
      if (code != 401 && code != 407) return code;
      if (setup_.password.empty() || round > 0) return code;
      authorisation = digest(code);
      to_tag_.clear();
    }
    return 0;
  }

  int invite_once(const std::string& authorisation) {
    branch_ = random_hex();
    ++cseq_;
    const std::string message =
        request("INVITE", uri(), cseq_, branch_,
                cat("Allow: INVITE, ACK, BYE, CANCEL, INFO\r\n", authorisation),
                sdp_offer(address_, rtp_.port()));
    const auto give_up = std::min(until_, steady_clock::now() + milliseconds(setup_.ring.ms()));
    milliseconds again = kT1;
    auto next = steady_clock::now() + again;
    bool provisional = false;
    send_sip(message);
    for (;;) {
      const auto now = steady_clock::now();
      if (now >= give_up) return cancel(provisional);
      if (!provisional && now >= next) {
        send_sip(message);
        again = std::min(again * 2, kT2);
        next = now + again;
      }
      const std::optional<std::string> came = receive(kPacket);
      if (!came) continue;
      const int code = status_of(*came);
      if (code == 0 || sip_header(*came, "CSeq") != cat(cseq_, " INVITE")) continue;
      if (code < 200) {
        provisional = true;
        continue;
      }
      to_tag_ = sip_parameter(sip_header(*came, "To"), "tag");
      answer_ = *came;
      acknowledge(code);
      if (code / 100 == 2 && !read_media(*came)) {
        why_ = "the answer names no place for sound";
        hang_up();
        return 0;
      }
      return code;
    }
  }

  void acknowledge(int code) {
    // Of a refusal it belongs to the same transaction, of a success to a new one.
    const std::string branch = code / 100 == 2 ? random_hex() : branch_;
    ack_ = request("ACK", target(), cseq_, branch, {}, {});
    send_sip(ack_);
  }

  std::string target() const {
    const std::string contact = sip_header(answer_, "Contact");
    const std::size_t begin = contact.find("sip:");
    if (begin == std::string::npos || status_of(answer_) / 100 != 2) return uri();
    return contact.substr(begin, contact.find_first_of(">;", begin) - begin);
  }

  int cancel(bool provisional) {
    why_ = provisional ? "it rang and nobody answered" : "the SIP side does not answer";
    if (!provisional) return 0;
    send_sip(request("CANCEL", uri(), cseq_, branch_, {}, {}));
    const auto end = steady_clock::now() + kT1 * 2;
    while (steady_clock::now() < end) {
      const std::optional<std::string> came = receive(kPacket);
      if (!came || sip_header(*came, "CSeq") != cat(cseq_, " INVITE")) continue;
      const int code = status_of(*came);
      if (code < 200) continue;
      to_tag_ = sip_parameter(sip_header(*came, "To"), "tag");
      answer_ = *came;
      acknowledge(code);
      if (code / 100 == 2) hang_up();  // picked up in the last moment: no word was said
      return 0;
    }
    return 0;
  }

  std::string digest(int code) const {
    const bool proxy = code == 407;
    const std::string challenge =
        sip_header(answer_, proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
    return cat(proxy ? "Proxy-Authorization: " : "Authorization: ",
               sip_digest({setup_.user_name, setup_.password}, challenge, "INVITE", uri()), "\r\n");
  }

  bool read_media(std::string_view message) {
    const SdpMedia media = read_sdp(message, setup_.host);
    return rtp_.set_media(media.address, media.port, media.event_type);
  }

  void talk(const std::string& speech, const std::string& code) {
    auto next = steady_clock::now();
    std::size_t at = 0;
    int times = 1;
    auto silent_until = next;
    auto end = until_;
    while (next < std::min(end, until_) && !over_ && !rtp_.said_enough(code)) {
      const bool speaking = times <= kTimesSpoken && next >= silent_until;
      std::string sound(RtpLine::kPacketBytes, mu_law(0));
      if (speaking) {
        const std::string_view part = std::string_view(speech).substr(at, RtpLine::kPacketBytes);
        std::copy(part.begin(), part.end(), sound.begin());
        at += RtpLine::kPacketBytes;
        if (at >= speech.size()) {
          at = 0;
          ++times;
          silent_until = next + kPauseBetween;
          if (times > kTimesSpoken) end = next + kAfterSpeech;
        }
      }
      rtp_.send(sound);
      next += kPacket;
      wait_and_hear(next);
    }
  }

  void wait_and_hear(steady_clock::time_point next) {
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now());
      std::array<pollfd, 2> both{{{rtp_.fd(), POLLIN, 0}, {sip_.fd, POLLIN, 0}}};
      if (left.count() <= 0) return;
      if (::poll(both.data(), both.size(), static_cast<int>(left.count())) <= 0) return;
      if (both[0].revents != 0) rtp_.hear();
      if (both[1].revents != 0) hear_sip();
      if (over_) return;
    }
  }

  void hear_sip() {
    const std::optional<std::string> came = receive(milliseconds(0));
    if (!came || sip_header(*came, "Call-ID") != call_id_) return;
    if (came->starts_with("SIP/2.0 200") && sip_header(*came, "CSeq").ends_with("INVITE")) {
      send_sip(ack_);  // ours was lost
      return;
    }
    const bool info = came->starts_with("INFO ");
    const bool bye = came->starts_with("BYE ");
    if (!info && !bye) return;
    send_sip(sip_ok(*came));
    if (bye) over_ = true;
    const std::string cseq = sip_header(*came, "CSeq");
    if (info && cseq != last_info_) rtp_.press(sip_key(*came));
    last_info_ = cseq;
  }

  void hang_up() {
    if (over_) return;
    const std::string bye = request("BYE", target(), ++cseq_, random_hex(), {}, {});
    milliseconds again = kT1;
    for (int tries = 0; tries < 3; ++tries) {
      send_sip(bye);
      const auto end = steady_clock::now() + again;
      while (steady_clock::now() < end) {
        const std::optional<std::string> came = receive(kPacket);
        if (came && status_of(*came) >= 200 && sip_header(*came, "CSeq").ends_with("BYE")) return;
      }
      again *= 2;
    }
  }

  Attempt judge(const Outgoing& page, std::vector<Heard>& heard) const {
    std::string keys = rtp_.keys();
    std::erase(keys, '#');
    Heard answer;
    answer.what = Heard::What::answer;
    answer.page = page.id;
    answer.user = setup_.user;
    answer.text = cat("keys ", keys);
    if (keys.starts_with('1')) {
      answer.status = "coming";
      answer.code = keys.substr(1);
    } else if (keys == "2" || keys == "3") {
      answer.status = keys == "2" ? "later" : "not-coming";
    }
    // Only who heard the page can know its code; 2 and 3 are keys that a machine does not press.
    const bool person =
        !answer.status.empty() && (answer.status != "coming" || answer.code == page.code);
    if (!answer.status.empty()) heard.push_back(std::move(answer));
    if (person) return {Fate::delivered, {}, call_id_, false};
    return {Fate::sent, {}, call_id_, false};
  }

  const VoiceSetup& setup_;
  Until until_;
  std::string call_id_;
  std::string tag_;
  std::string to_tag_;
  std::string branch_;
  std::string answer_;
  std::string ack_;
  std::string why_ = "the SIP side does not answer";
  std::string address_;
  int sip_port_ = 0;
  int cseq_ = 0;
  Udp sip_;
  RtpLine rtp_;
  std::string last_info_;
  bool over_ = false;
};

class VoiceDriver : public Driver {
 public:
  explicit VoiceDriver(VoiceSetup setup) : setup_(std::move(setup)) {}

  Attempt send(const Outgoing& page, Until until) override {
    // Nobody is called a second time to be told that the first call was understood.
    if (page.kind == "answer") return {Fate::sent, {}, {}, false};
    Call call(setup_, until);
    return call.run(page, heard_);
  }

  bool hears() const override { return !heard_.empty(); }
  std::vector<Heard> listen(Until) override { return std::exchange(heard_, {}); }

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
  reader.text("user", setup.user);
  reader.text("language", language);
  reader.text("speech_program", setup.program);
  reader.duration("ring", setup.ring, seconds(5), minutes(2));
  if (language != "en" && language != "ja") {
    reader.fault("language", cat("expected en or ja, came \"", clip(language, 10), "\""));
  }
  setup.language = language == "ja" ? Language::japanese : Language::english;
  for (const std::string* word : {&setup.number, &setup.from, &setup.user_name}) {
    const bool good = std::ranges::all_of(*word, [](char c) {
      return c > 0x20 && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '@' && c != ';';
    });
    if (!good)
      reader.fault("number", "expected number, from and user_name without blanks and <>\"@;");
  }
  return std::make_unique<VoiceDriver>(std::move(setup));
}

const KindRegistration kVoice({"voice", "delivered", minutes(2), make_voice});

}  // namespace
}  // namespace cryobank::pager
