// SMS by a modem on a serial line, 3GPP TS 27.005 in text mode. The message asks for a status
// report; `sent` is the modem's +CMGS with its reference, `delivered` the report +CDS with status 0
// for that reference and for the time at which this message was taken (sms_references.hpp). What
// the modem prints of its own accord is read while nothing is sent.
//   AT+CMGS="+49170..."  > text Ctrl-Z  +CMGS: 117  OK      +CDS: 6,117,"+49170...",145,...,0
#include <algorithm>

#include "base/text.hpp"
#include "service/clock_io.hpp"
#include "service/pager/dialog_io.hpp"
#include "service/pager/sms_references.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kSmsMax = 160;
constexpr char kCtrlZ = 0x1A;
constexpr char kEscape = 0x1B;
constexpr std::chrono::seconds kCommandWithin{5};
// What was sent before this program started may be reported for so long.
constexpr Duration kBlind = hours(24);
// TS 23.040, 9.2.3.15: 0 to 2 done, from 64 on given up; between them the centre still tries.
constexpr int kStatusDone = 2;
constexpr int kStatusGivenUp = 64;

std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields{""};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

class ModemDriver : public Driver {
 public:
  ModemDriver(std::string path, int baud, std::string number, std::string user, std::string pin)
      : path_(std::move(path)),
        baud_(baud),
        number_(std::move(number)),
        user_(std::move(user)),
        pin_(std::move(pin)) {}

  Attempt send(const Outgoing& page, Until until) override {
    const auto failed = [this](std::string_view what) {
      const std::string why = cat(what, why_.empty() ? "" : ": ", why_);
      line_.close();
      return Attempt{Fate::failed, why, {}, false};
    };
    const int validity = sms_validity(page.created, page.expires);
    if (!ready(until) || !try_for(validity, until)) return failed("modem");
    if (!line_.write(cat("AT+CMGS=\"", number_, "\"\r"), until)) return failed(line_.trouble());
    if (!prompt(until)) {
      static_cast<void>(line_.write(std::string(1, kEscape), until));
      return failed("no prompt for the text");
    }
    const std::string text = cut(page.text, kSmsMax);
    if (!line_.write(text + kCtrlZ, until)) return failed(line_.trouble());
    reference_.clear();
    if (!final_answer(until)) return failed("the modem did not send it");
    if (reference_.empty()) return failed("the modem gave no reference");
    pages_.give(reference_, page.id, service::wall_clock(), sms_tried(validity));
    return {Fate::sent, {}, reference_, false};
  }

  bool hears() const override { return true; }

  std::vector<Heard> listen(Until until) override {
    if (line_.is_open()) {
      while (line_.has_input() || line_.fill(until)) {
        const std::optional<std::string> line = line_.read_line(until);
        if (!line) break;
        spontaneous(*line, until);
      }
      if (!line_.trouble().empty() && line_.trouble() != "no answer in time") line_.close();
    }
    return std::exchange(heard_, {});
  }

  std::string probe(Until until) override {
    if (!ready(until)) {
      const std::string why = cat("modem: ", why_);
      line_.close();
      return why;
    }
    if (!command("AT+CREG?", until)) return "the modem does not answer";
    return registered_ ? std::string() : std::string("the modem is not registered with a network");
  }

 private:
  bool ready(Until until) {
    why_.clear();
    if (line_.is_open()) return true;
    validity_ = -1;
    if (!line_.open_serial(path_, baud_)) {
      why_ = line_.trouble();
      return false;
    }
    static_cast<void>(command("ATE0", until));
    if (!command("AT", until)) return false;
    if (!pin_.empty()) static_cast<void>(command(cat("AT+CPIN=\"", pin_, "\""), until));
    // Text mode, plain characters, and bring reports and messages at once.
    return command("AT+CMGF=1", until) && command("AT+CSCS=\"IRA\"", until) &&
           command("AT+CNMI=2,2,0,1,0", until);
  }

  // Asks for a report as well.
  bool try_for(int validity, Until until) {
    if (validity == validity_) return true;
    if (!command(cat("AT+CSMP=49,", validity, ",0,0"), until)) return false;
    validity_ = validity;
    return true;
  }

  bool command(const std::string& text, Until until) {
    const Until own = std::min(until, std::chrono::steady_clock::now() + kCommandWithin);
    if (!line_.write(text + "\r", own)) {
      why_ = line_.trouble();
      return false;
    }
    return final_answer(own);
  }

  bool prompt(Until until) {
    for (;;) {
      const auto came = line_.read_until(">\n", until);
      if (!came) {
        why_ = line_.trouble();
        return false;
      }
      if (came->back() == '>') return true;
      const std::string line(trim(*came));
      if (line.find("ERROR") != std::string::npos) {
        why_ = clip(line, 60);
        return false;
      }
      spontaneous(line, until);
    }
  }

  // OK is the only good end; what the modem tells meanwhile of other things is kept.
  bool final_answer(Until until) {
    for (;;) {
      const std::optional<std::string> line = line_.read_line(until);
      if (!line) {
        why_ = line_.trouble();
        return false;
      }
      const std::string text(trim(*line));
      if (text == "OK") return true;
      if (text.find("ERROR") != std::string::npos) {
        why_ = clip(text, 60);
        return false;
      }
      if (text.starts_with("+CMGS:")) {
        reference_ = std::string(trim(std::string_view(text).substr(6)));
      } else if (text.starts_with("+CREG:")) {
        const auto fields = fields_of(text.substr(6));
        const std::string state(trim(fields.size() > 1 ? fields[1] : fields[0]));
        registered_ = state == "1" || state == "5";
      } else {
        spontaneous(text, until);
      }
    }
  }

  void spontaneous(const std::string& line, Until until) {
    if (line.starts_with("+CDS:")) {
      const auto fields = fields_of(std::string_view(line).substr(5));
      // fo, mr, ra, tora, scts, dt, st; some modems leave the address out
      if (fields.size() < 5) return;
      const std::string reference(trim(fields[1]));
      const std::string page = pages_.page_of(reference, service::wall_clock(),
                                              sms_time(trim(fields[fields.size() - 3])));
      const Result<std::int64_t> status = parse_integer(trim(fields.back()));
      if (page.empty() || !status) return;
      Heard heard;
      heard.page = page;
      heard.handle = reference;
      if (*status <= kStatusDone) {
        heard.fate = Fate::delivered;
      } else if (*status >= kStatusGivenUp) {
        heard.fate = Fate::failed;
        heard.why = cat("status report ", *status);
      } else {
        return;
      }
      heard_.push_back(std::move(heard));
      pages_.end(reference, service::wall_clock());
    } else if (line.starts_with("+CMT:")) {
      const auto fields = fields_of(std::string_view(line).substr(5));
      const std::optional<std::string> text = line_.read_line(until);
      if (!text || fields.empty()) return;
      Heard heard;
      if (std::string(trim(fields[0])) != number_) return;
      read_answer(*text, heard);
      if (heard.user.empty()) heard.user = user_;
      heard_.push_back(std::move(heard));
    }
  }

  std::string path_;
  int baud_;
  std::string number_;
  std::string user_;
  std::string pin_;
  Dialog line_;
  std::string why_;
  std::string reference_;
  bool registered_ = false;
  int validity_ = -1;  // as the modem was told last
  SmsReferences pages_{service::wall_clock() + kBlind};
  std::vector<Heard> heard_;
};

std::unique_ptr<Driver> make_modem(config::TableReader& reader, const ChannelCommon&) {
  std::string path;
  std::string number;
  std::string user;
  std::string pin;
  int baud = 115200;
  read_path(reader, "path", path, config::Need::required);
  reader.integer("baud", baud, 1200, 115200);
  if (!is_line_speed(baud)) {
    refuse_value(reader, "baud", "1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200",
                 std::to_string(baud));
  }
  reader.text("number", number, config::Need::required);
  read_user(reader, user);
  reader.text("pin", pin);
  const bool good = !number.empty() && number.size() <= 20 &&
                    std::ranges::all_of(std::string_view(number).substr(number[0] == '+' ? 1 : 0),
                                        [](char c) { return c >= '0' && c <= '9'; });
  if (!number.empty() && !good)
    refuse_value(reader, "number", "a telephone number as +491701234567", number);
  return std::make_unique<ModemDriver>(path, baud, number, user, pin);
}

const KindRegistration kModem({"sms-modem", "delivered", minutes(2), make_modem});

}  // namespace
}  // namespace cryobank::pager
