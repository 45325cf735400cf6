#include "service/pager/sip_call_io.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "service/pager/rtp_line_io.hpp"
#include "service/pager/sip_text_io.hpp"

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
constexpr int kWrongCodesMax = 3;

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
    const std::string thanks =
        speak(setup_.program, setup_.language, spoken_thanks(setup_.language), until_, why);
    if (!open()) return fail(why_);
    const int code = invite();
    if (code / 100 != 2) {
      return fail(code == 0 ? why_ : cat("SIP ", code, code == 486 ? " busy" : ""));
    }
    talk(speech, page.code);
    if (is_answer(page.code)) play(thanks);
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
    // What is left is for the CANCEL, and for who picks up in the last moment.
    const auto now = steady_clock::now();
    const auto left = std::max(milliseconds(0), std::chrono::floor<milliseconds>(until_ - now));
    const auto give_up =
        now + std::min(left - std::min(left / 4, kT1 * 2), milliseconds(setup_.ring.ms()));
    milliseconds again = kT1;
    auto next = now + again;
    bool provisional = false;
    send_sip(message);
    for (;;) {
      if (steady_clock::now() >= give_up) return cancel(provisional);
      if (!provisional && steady_clock::now() >= next) {
        send_sip(message);
        again = std::min(again * 2, kT2);
        next = steady_clock::now() + again;
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
    const auto end = std::min(until_, steady_clock::now() + kT1 * 2);
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
    int wrong = 0;
    while (next < std::min(end, until_) && !over_) {
      if (rtp_.said_enough(code)) {
        if (is_answer(code) || ++wrong >= kWrongCodesMax) return;
        // Another code: the text says the right one, from its beginning.
        wrong_keys_ = rtp_.take_keys();
        at = 0;
        times = 1;
        end = until_;
      }
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

  // 2, 3, or 1 with the page's code.
  bool is_answer(std::string_view code) const {
    std::string keys = rtp_.keys();
    std::erase(keys, '#');
    return keys == "2" || keys == "3" || keys == cat("1", code);
  }

  void play(std::string_view sound) {
    auto next = steady_clock::now();
    while (!sound.empty() && !over_ && next < until_) {
      std::string packet(RtpLine::kPacketBytes, mu_law(0));
      const std::string_view part = sound.substr(0, RtpLine::kPacketBytes);
      std::copy(part.begin(), part.end(), packet.begin());
      sound.remove_prefix(part.size());
      rtp_.send(packet);
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

  // Said again until it is heard or the call's time is over: who pressed keys waits for this.
  void hang_up() {
    if (over_) return;
    const std::string bye = request("BYE", target(), ++cseq_, random_hex(), {}, {});
    milliseconds again = kT1;
    for (int tries = 0; tries < 3; ++tries) {
      send_sip(bye);
      const auto end = std::min(until_, steady_clock::now() + again);
      while (steady_clock::now() < end) {
        const std::optional<std::string> came = receive(kPacket);
        if (came && status_of(*came) >= 200 && sip_header(*came, "CSeq").ends_with("BYE")) return;
      }
      if (steady_clock::now() >= until_) return;
      again *= 2;
    }
  }

  Attempt judge(const Outgoing& page, std::vector<Heard>& heard) const {
    std::string keys = rtp_.keys().empty() ? wrong_keys_ : rtp_.keys();
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
  std::string wrong_keys_;
  std::string last_info_;
  bool over_ = false;
};

}  // namespace

Attempt call_by_sip(const VoiceSetup& setup, const Outgoing& page, Until until,
                    std::vector<Heard>& heard) {
  return Call(setup, until).run(page, heard);
}

}  // namespace cryobank::pager
