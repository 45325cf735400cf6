// ESPA 4.4.4 (November 1984, after ISO 1745) over TCP, as serial servers carry it. This side is the
// control station: it selects the paging system (1 ENQ 2 ENQ), sends one block with its check
// character, and waits for ACK. A paging system that sends status blocks back is polled: call
// status 3 (paged) says that the radio sent it, so "sent" is the most that is told, never
// "delivered".
//   1 ENQ 2 ENQ      <- ACK
//   SOH 1 STX 1 US 550 RS 2 US text RS 3 US 7 RS 4 US 3 RS 5 US 1 RS 6 US 1 ETX BCC   <- ACK
//   EOT
#include <algorithm>

#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"

namespace cryobank::pager {
namespace {

constexpr char kSoh = 0x01;
constexpr char kStx = 0x02;
constexpr char kEtx = 0x03;
constexpr char kEot = 0x04;
constexpr char kEnq = 0x05;
constexpr char kAck = 0x06;
constexpr char kNak = 0x15;
constexpr char kRs = 0x1E;
constexpr char kUs = 0x1F;
// ESPA 4.4.4, 3.5: a block that was not understood is sent again so often at most.
constexpr int kTriesMax = 3;
constexpr std::chrono::milliseconds kAnswerWithin{2000};
constexpr std::chrono::milliseconds kQuiet{20};

// Over all that follows SOH, to ETX and with it; seven bits.
char check_of(std::string_view block) {
  unsigned sum = 0;
  for (const char c : block) sum ^= static_cast<unsigned char>(c);
  return static_cast<char>(sum & 0x7F);
}

class EspaDriver : public Driver {
 public:
  EspaDriver(std::string host, int port, std::string address, std::size_t length, std::string beep)
      : host_(std::move(host)),
        port_(port),
        address_(std::move(address)),
        length_(length),
        beep_(std::move(beep)) {}

  Attempt send(const Outgoing& page, Until until) override {
    Dialog line;
    const auto failed = [&line](std::string why) {
      return Attempt{Fate::failed, why.empty() ? line.trouble() : std::move(why), {}, false};
    };
    if (!line.connect(host_, port_, until)) return failed({});
    const std::string select = {'1', kEnq, '2', kEnq};
    const std::string block = block_of(page);
    for (int tries = 0; tries < kTriesMax; ++tries) {
      if (!line.write(select, until)) return failed({});
      const char chosen = answer(line, until);
      if (chosen == kNak) continue;
      if (chosen != kAck)
        return failed(chosen == 0 ? "" : "the paging system did not let itself be selected");
      // An ACK that came before the block is none of it: the line must be quiet first.
      if (line.has_input() || line.fill(std::chrono::steady_clock::now() + kQuiet)) {
        return failed("more answers than questions");
      }
      if (!line.write(block, until)) return failed({});
      const char taken = answer(line, until);
      static_cast<void>(line.write(std::string(1, kEot), until));
      if (taken == kAck) return {Fate::sent, {}, {}, false};
      if (taken != kNak)
        return failed(taken == 0 ? "" : "the paging system did not take the block");
    }
    return failed("the paging system refuses (NAK)");
  }

  std::string probe(Until until) override {
    Dialog line;
    if (!line.connect(host_, port_, until)) return line.trouble();
    const std::string select = {'1', kEnq, '2', kEnq};
    if (!line.write(select, until)) return line.trouble();
    const char chosen = answer(line, until);
    static_cast<void>(line.write(std::string(1, kEot), until));
    return chosen == kAck ? std::string()
                          : std::string("the paging system does not answer a selection");
  }

 private:
  std::string block_of(const Outgoing& page) const {
    std::string body{'1', kStx};  // header 1: call to pager
    const auto record = [&body](char type, std::string_view text) {
      if (body.size() > 2) body += kRs;
      body += type;
      body += kUs;
      body += text;
    };
    record('1', address_);
    record('2', cut(page.text, length_));
    record('3', beep_);
    record('4', "3");  // call type: standard
    record('5', "1");  // number of transmissions
    record('6', page.priority == 1   ? "1"
                : page.priority == 2 ? "2"
                                     : "3");  // 1 alarm, 2 high, 3 normal
    body += kEtx;
    return cat(std::string(1, kSoh), body, std::string(1, check_of(body)));
  }

  // ACK, NAK or EOT; 0: nothing came. Reversed selection answers "2 ACK" as the book writes it.
  static char answer(Dialog& line, Until until) {
    const Until own = std::min(until, std::chrono::steady_clock::now() + kAnswerWithin);
    const std::string ends = {kAck, kNak, kEot};
    const std::optional<std::string> came = line.read_until(ends, own);
    if (!came) return 0;
    // Only a station's address may stand before it; anything else is noise, and noise is no ACK.
    const bool clean = came->size() == 1 || (came->size() == 2 && came->front() == '2');
    return clean ? came->back() : static_cast<char>(kEot);
  }

  std::string host_;
  int port_;
  std::string address_;
  std::size_t length_;
  std::string beep_;
};

std::unique_ptr<Driver> make_espa(config::TableReader& reader, const ChannelCommon&) {
  std::string host;
  int port = 0;
  std::string address;
  int length = 128;
  std::string beep = "7";
  reader.text("host", host, config::Need::required);
  reader.integer("port", port, 1, 65535, config::Need::required);
  reader.text("address", address, config::Need::required);
  reader.integer("display_length", length, 16, static_cast<std::int64_t>(kTextMax));
  reader.text("beep", beep);
  const auto digits = [](const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!address.empty() && (!digits(address) || address.size() > 16)) {
    refuse_value(reader, "address", "the pager's call address, 1 to 16 digits", address);
  }
  if (!digits(beep) || beep.size() > 1) refuse_value(reader, "beep", "one digit, 0 to 9", beep);
  return std::make_unique<EspaDriver>(host, port, address, static_cast<std::size_t>(length), beep);
}

const KindRegistration kEspa({"espa444", "sent", seconds(20), make_espa});

}  // namespace
}  // namespace cryobank::pager
