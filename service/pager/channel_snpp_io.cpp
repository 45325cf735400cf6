// SNPP, RFC 1861. A level 3 server is asked for a two-way message: SEND gives a tag, MSTAtus tells
// of it until the pager has it, has shown it, or a person answered. A server without 2WAY (550 or
// 500) is a level 1 or 2 one: 250 after SEND is its last word, and means "sent".
//   S: 220   C: 2WAY   S: 250   C: PAGE 12345   S: 250   C: MESS P1 ...   S: 250
//   C: RTYP MULTICHOICE   C: MCRE 01 coming ...   C: SEND   S: 960 tag pass   C: MSTA tag pass
#include <algorithm>
#include <iterator>
#include <mutex>

#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"

namespace cryobank::pager {
namespace {

constexpr int kPort = 444;
constexpr std::size_t kPendingMax = 100;  // messages that are still asked about
constexpr std::size_t kFreshMax = 1'000;
constexpr std::size_t kAskedPerTurn = 10;
constexpr std::chrono::seconds kAskFor{3600};
constexpr std::chrono::milliseconds kAskEvery{1000};

struct Answer {
  int code = 0;
  std::string text;
};

struct Pending {
  std::string page;
  std::string code;  // of the page
  std::string tag;
  std::string pass;
  Fate fate = Fate::sent;
  Until until;
};

class SnppDriver : public Driver {
 public:
  SnppDriver(std::string host, int port, std::string pager, std::string login, std::string password)
      : host_(std::move(host)),
        port_(port),
        pager_(std::move(pager)),
        login_(std::move(login)),
        password_(std::move(password)) {}

  Attempt send(const Outgoing& page, Until until) override {
    Dialog line;
    const auto failed = [&line](const std::optional<Answer>& answer, bool final = false) {
      return Attempt{Fate::failed,
                     answer ? cat(answer->code, " ", answer->text) : line.trouble(),
                     {},
                     final && answer};
    };
    const std::optional<Answer> hello = greet(line, until);
    if (!hello || hello->code != 220) return failed(hello);
    std::optional<Answer> answer = ask(line, "2WAY", until);
    if (!answer) return failed(answer);
    const bool two_way = answer->code == 250;
    answer = ask(line, cat("PAGE ", pager_), until);
    // 550: this pager is not known, and will not be a minute later.
    if (!answer || answer->code / 10 != 25) return failed(answer, answer && answer->code == 550);
    answer = ask(line, cat("MESS ", page.text), until);
    if (!answer || answer->code / 10 != 25) return failed(answer);
    // What answers somebody asks for no answer: a device that gives one to each would never end.
    if (two_way && page.kind != "answer") ask_for_reply(line, page, until);
    answer = ask(line, "SEND", until);
    if (!answer) return failed(answer);
    return sent(page, *answer, two_way);
  }

  bool hears() const override {
    const std::lock_guard lock(mutex_);
    return !pending_.empty() || !fresh_.empty();
  }
  bool hears_apart() const override { return true; }

  std::vector<Heard> listen(Until until) override {
    std::vector<Heard> out;
    const auto now = std::chrono::steady_clock::now();
    if (now < ask_at_) return out;
    ask_at_ = now + kAskEvery;
    take_fresh();
    std::erase_if(pending_, [now](const Pending& one) { return now > one.until; });
    if (pending_.empty()) return out;
    // An answer does not say of which message it is: each is asked for on a line of its own, where
    // no answer of another one can come late.
    const std::size_t turn = std::min(pending_.size(), kAskedPerTurn);
    for (std::size_t i = 0; i < turn; ++i) {
      Pending& one = pending_[next_++ % pending_.size()];
      Dialog line;
      const std::optional<Answer> hello = greet(line, until + kAskEvery);
      if (!hello || hello->code != 220) break;
      const auto answer = ask(line, cat("MSTA ", one.tag, " ", one.pass), until + kAskEvery);
      if (!answer) break;
      follow(one, *answer, out);
    }
    std::erase_if(pending_, [](const Pending& one) { return one.until == Until{}; });
    return out;
  }

  std::string probe(Until until) override {
    Dialog line;
    const std::optional<Answer> hello = greet(line, until);
    if (!hello) return line.trouble();
    if (hello->code != 220) return cat(hello->code, " ", hello->text);
    static_cast<void>(line.write("QUIT\r\n", until));
    return {};
  }

 private:
  void take_fresh() {
    const std::lock_guard lock(mutex_);
    std::ranges::move(fresh_, std::back_inserter(pending_));
    fresh_.clear();
    // Those that nobody can take go first, then the oldest.
    while (pending_.size() > kPendingMax) {
      const auto idle =
          std::ranges::find_if(pending_, [](const Pending& one) { return one.code.empty(); });
      pending_.erase(idle == pending_.end() ? pending_.begin() : idle);
    }
  }

  static std::optional<Answer> read(Dialog& line, Until until) {
    for (;;) {
      const std::optional<std::string> text = line.read_line(until);
      if (!text) return std::nullopt;
      const Result<std::int64_t> code =
          text->size() >= 3 ? parse_integer(std::string_view(*text).substr(0, 3))
                            : Result<std::int64_t>(make_error(ErrorCode::malformed, ""));
      if (!code || *code < 100) return Answer{0, cat("no SNPP answer: ", clip(*text, 80))};
      if (*code == 214) continue;  // a line of help
      return Answer{static_cast<int>(*code), clip(trim(std::string_view(*text).substr(3)), 200)};
    }
  }

  static std::optional<Answer> ask(Dialog& line, const std::string& command, Until until) {
    // An answer to no question would be taken for the answer to the next one.
    if (line.has_input()) return Answer{0, "more answers than questions"};
    if (!line.write(command + "\r\n", until)) return std::nullopt;
    return read(line, until);
  }

  std::optional<Answer> greet(Dialog& line, Until until) {
    if (!line.connect(host_, port_, until)) return std::nullopt;
    std::optional<Answer> hello = read(line, until);
    if (!hello || hello->code != 220 || login_.empty()) return hello;
    const auto login =
        ask(line, cat("LOGI ", login_, password_.empty() ? "" : " ", password_), until);
    if (!login || login->code / 10 != 25) return login;
    return hello;
  }

  static void ask_for_reply(Dialog& line, const Outgoing& page, Until until) {
    // What a server does not know of these it refuses, and the message goes all the same.
    static_cast<void>(ask(line, "ACKR 1", until));
    if (page.code.empty()) return;
    static_cast<void>(ask(line, "RTYP MULTICHOICE", until));
    static_cast<void>(ask(line, cat("MCRE 01 coming ", page.code), until));
    static_cast<void>(ask(line, cat("MCRE 02 later ", page.code), until));
    static_cast<void>(ask(line, cat("MCRE 03 no ", page.code), until));
  }

  Attempt sent(const Outgoing& page, const Answer& answer, bool two_way) {
    const bool tagged = answer.code == 860 || answer.code == 861 || answer.code == 880 ||
                        answer.code == 881 || answer.code == 960;
    if (!two_way || !tagged) {
      if (!two_way && (answer.code / 10 == 25 || answer.code == 960)) {
        return {Fate::sent, {}, {}, false};
      }
      return {Fate::failed, cat(answer.code, " ", answer.text), {}, answer.code / 100 == 7};
    }
    const auto words = split(answer.text, ' ');
    const bool delivered = answer.code != 960;
    const std::lock_guard lock(mutex_);
    const bool asked = page.kind != "answer";
    if (words.size() >= 2 && asked && fresh_.size() < kFreshMax) {
      fresh_.push_back({page.id, page.code, std::string(words[0]), std::string(words[1]),
                        delivered ? Fate::delivered : Fate::sent,
                        std::chrono::steady_clock::now() + kAskFor});
    }
    return {delivered ? Fate::delivered : Fate::sent,
            {},
            words.empty() ? "" : std::string(words[0]),
            false};
  }

  // MSTAtus: 860, 861 delivered; 870, 881 read; 888, 889 a reply; 960 queued; 7xx given up.
  static void follow(Pending& one, const Answer& answer, std::vector<Heard>& out) {
    const auto say = [&](Fate fate, std::string why = {}) {
      if (fate == one.fate) return;
      one.fate = fate;
      Heard heard;
      heard.page = one.page;
      heard.handle = one.tag;
      heard.fate = fate;
      heard.why = std::move(why);
      out.push_back(std::move(heard));
    };
    switch (answer.code) {
      case 860:
      case 861:
      case 880:
        say(Fate::delivered);
        break;
      case 870:
      case 881:
        say(Fate::read);
        break;
      case 888:
      case 889: {
        say(Fate::read);
        Heard heard;
        heard.page = one.page;
        // sequence, date and time, then what the person chose or wrote
        std::string_view text = answer.text;
        for (int field = 0; field < 2; ++field) {
          const std::size_t blank = text.find(' ');
          text = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
        }
        const std::string chosen(trim(text));
        const std::string_view meant = chosen == "01"   ? "coming"
                                       : chosen == "02" ? "later"
                                       : chosen == "03" ? "no"
                                                        : std::string_view(chosen);
        read_answer(meant, heard);
        // A choice of the list that was sent with the page stands for its code.
        if (heard.code.empty() && answer.code == 888) heard.code = one.code;
        out.push_back(std::move(heard));
        one.until = Until{};
        break;
      }
      default:
        if (answer.code / 100 == 7) {
          say(Fate::failed, cat(answer.code, " ", answer.text));
          one.until = Until{};
        }
    }
  }

  std::string host_;
  int port_;
  std::string pager_;
  std::string login_;
  std::string password_;
  mutable std::mutex mutex_;      // guards fresh_
  std::vector<Pending> fresh_;    // sent, and not asked about yet
  std::vector<Pending> pending_;  // of the thread that hears
  std::size_t next_ = 0;          // whose turn it is
  Until ask_at_{};
};

std::unique_ptr<Driver> make_snpp(config::TableReader& reader, const ChannelCommon&) {
  std::string host;
  int port = kPort;
  std::string pager;
  std::string login;
  std::string password;
  reader.text("host", host, config::Need::required);
  reader.integer("port", port, 1, 65535);
  reader.text("pager", pager, config::Need::required);
  reader.text("login", login);
  reader.text("password", password);
  const auto plain = [](const std::string& word) {
    return std::ranges::all_of(word, [](char c) { return c > 0x20 && c < 0x7F; });
  };
  if (!plain(pager)) refuse_value(reader, "pager", "a word without blanks", pager);
  if (!plain(login)) refuse_value(reader, "login", "a word without blanks", login);
  if (!plain(password)) reader.fault("password", "expected a word without blanks");
  return std::make_unique<SnppDriver>(host, port, pager, login, password);
}

const KindRegistration kSnpp({"snpp", "delivered", minutes(2), make_snpp});

}  // namespace
}  // namespace cryobank::pager
