// Mail by SMTP (RFC 5321), with delivery status notices asked for (RFC 3461). `sent`: the next
// server took it, which says nothing of a person. Bounces (RFC 3464) and answers are read from a
// mailbox by IMAP (RFC 3501): a notice that names our message is `failed` or `delivered`, a reply
// whose subject names the page is an answer. TLS as the
// channel says (RFC 3207, RFC 8314): a server that offers none where it is wanted gets no mail.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"

namespace cryobank::pager {
namespace {

constexpr int kSmtpPort = 25;
constexpr int kSmtpsPort = 465;
constexpr int kImapPort = 143;
constexpr int kImapsPort = 993;
constexpr const char* kHello = "EHLO cryobank-pager";
constexpr std::size_t kMailMax = 48 * 1024;
constexpr int kMailsPerTurn = 20;
constexpr std::chrono::seconds kLookEvery{10};
constexpr std::chrono::seconds kImapWithin{10};

// none; STARTTLS before anything is said; from the first byte.
enum class MailTls : std::uint8_t { none, starttls, tls };
constexpr std::array<config::Word<MailTls>, 3> kMailTls{
    {{"none", MailTls::none}, {"starttls", MailTls::starttls}, {"tls", MailTls::tls}}};

struct MailSetup {
  std::string host;
  int port = kSmtpPort;
  std::string from;
  std::string to;
  std::string name = "cryobank";
  std::string user;  // who answers
  MailTls tls = MailTls::none;
  std::string ca_file;
  std::string smtp_user;
  std::string smtp_password;
  std::string imap_host;
  int imap_port = kImapPort;
  MailTls imap_tls = MailTls::none;
  std::string imap_user;
  std::string imap_password;
  Duration look_every = seconds(kLookEvery.count());
};

bool is_address(std::string_view text) {
  return text.size() >= 3 && text.size() <= 254 && text.find('@') != std::string_view::npos &&
         std::ranges::all_of(text,
                             [](char c) { return c > 0x20 && c < 0x7F && c != '<' && c != '>'; });
}

std::string header_of(std::string_view mail, std::string_view name) {
  const std::string lower = lower_ascii(mail);
  const std::string wanted = cat("\n", name, ":");
  const std::string with_start = "\n" + lower;
  const std::size_t at = with_start.find(wanted);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + wanted.size() - 1;
  return std::string(trim(mail.substr(begin, mail.find('\n', begin) - begin)));
}

// RFC 3834: sent by no person. Older programs say it in words of their own.
bool is_automatic(std::string_view mail) {
  const std::size_t end = std::min(mail.find("\r\n\r\n"), mail.find("\n\n"));
  const std::string_view head = mail.substr(0, end);
  const std::string submitted = lower_ascii(header_of(head, "auto-submitted"));
  if (!submitted.empty() && !submitted.starts_with("no")) return true;
  const std::string precedence = lower_ascii(header_of(head, "precedence"));
  for (const std::string_view kind : {"bulk", "junk", "list", "auto_reply"}) {
    if (precedence == kind) return true;
  }
  for (const char* const name : {"x-autoreply", "x-autorespond", "list-id"}) {
    if (!header_of(head, name).empty()) return true;
  }
  const std::string from = lower_ascii(header_of(head, "from"));
  return header_of(head, "return-path") == "<>" ||
         from.find("mailer-daemon") != std::string::npos ||
         lower_ascii(header_of(head, "subject")).starts_with("automatic reply");
}

// What the person wrote, as one line: up to the first blank line, quotation or signature.
std::string first_paragraph(std::string_view body) {
  std::string written;
  for (const std::string_view text : split(body, '\n')) {
    const std::string_view one = trim(text);
    const bool quoted = one.starts_with('>') || one.starts_with("--");
    if (!written.empty() && (one.empty() || quoted)) break;
    if (one.empty() || quoted || one.starts_with("Content-")) continue;
    written += cat(written.empty() ? "" : " ", one);
  }
  return written;
}

std::string quoted_imap(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class MailDriver : public Driver {
 public:
  explicit MailDriver(MailSetup setup) : setup_(std::move(setup)) {}

  Attempt send(const Outgoing& page, Until until) override {
    Dialog line;
    int code = 0;
    std::string said;
    const auto step = [&](const std::string& command, int wanted) {
      if (!command.empty() && !line.write(command + "\r\n", until)) return false;
      code = reply(line, until, said);
      return code / 100 == wanted;
    };
    const auto failed = [&] {
      const std::string why = code == 0 ? cat("no SMTP answer: ", line.trouble())
                                        : cat("SMTP ", code, " ", clip(said, 120));
      return Attempt{Fate::failed, why, {}, code / 100 == 5};
    };
    if (!open(line, setup_.tls, setup_.host, setup_.port, until) || !step("", 2)) return failed();
    if (!step(kHello, 2)) return failed();
    if (setup_.tls == MailTls::starttls) {
      if (!step("STARTTLS", 2)) return failed();
      if (!line.start_tls(setup_.host, setup_.ca_file, until)) {
        return {Fate::failed, line.trouble(), {}, false};
      }
      if (!step(kHello, 2)) return failed();
    }
    const bool notices = said.find("DSN") != std::string::npos;
    if (!setup_.smtp_user.empty() && !step(cat("AUTH PLAIN ", login()), 2)) return failed();
    if (!step(cat("MAIL FROM:<", setup_.from, ">", notices ? cat(" RET=HDRS ENVID=", page.id) : ""),
              2))
      return failed();
    if (!step(cat("RCPT TO:<", setup_.to, ">", notices ? " NOTIFY=SUCCESS,FAILURE" : ""), 2))
      return failed();
    if (!step("DATA", 3)) return failed();
    if (!step(cat(mail_of(page), "\r\n."), 2)) return failed();
    static_cast<void>(line.write("QUIT\r\n", until));
    return {Fate::sent, {}, page.id, false};
  }

  bool hears() const override { return !setup_.imap_host.empty(); }
  // The mailbox is another server than the one that takes mails, and may hang for as long as it is
  // waited for.
  bool hears_apart() const override { return true; }
  std::vector<NeededFile> needs() const override { return {{"ca_file", setup_.ca_file, R_OK}}; }

  std::vector<Heard> listen(Until) override {
    std::vector<Heard> out;
    const auto now = std::chrono::steady_clock::now();
    if (now < look_at_) return out;
    look_at_ = now + std::chrono::nanoseconds(setup_.look_every.ns);
    imap_why_ = read_mailbox(now + kImapWithin, out);
    return out;
  }

  std::string probe(Until until) override {
    Dialog line;
    std::string said;
    if (!open(line, setup_.tls, setup_.host, setup_.port, until)) return line.trouble();
    if (reply(line, until, said) / 100 != 2) return cat("SMTP: ", clip(said, 100));
    static_cast<void>(line.write("QUIT\r\n", until));
    return imap_why_.empty() ? std::string() : cat("bounces cannot be read: ", imap_why_);
  }

 private:
  bool open(Dialog& line, MailTls tls, const std::string& host, int port, Until until) const {
    if (!line.connect(host, port, until)) return false;
    return tls != MailTls::tls || line.start_tls(host, setup_.ca_file, until);
  }

  // The code of a reply, all its lines; 0: none came.
  static int reply(Dialog& line, Until until, std::string& said) {
    said.clear();
    for (;;) {
      const std::optional<std::string> text = line.read_line(until);
      if (!text || text->size() < 3) return 0;
      const Result<std::int64_t> code = parse_integer(std::string_view(*text).substr(0, 3));
      if (!code || *code < 200 || *code > 599) return 0;
      said += cat(std::string_view(*text).substr(std::min<std::size_t>(4, text->size())), " ");
      if (text->size() == 3 || (*text)[3] == ' ') return static_cast<int>(*code);
      if (said.size() > kMailMax) return 0;
    }
  }

  std::string login() const {
    std::string raw =
        cat(std::string(1, '\0'), setup_.smtp_user, std::string(1, '\0'), setup_.smtp_password);
    return to_base64({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
  }

  std::string message_id(std::string_view page) const {
    return cat("<", page, "@", setup_.name, ".cryobank>");
  }

  std::string mail_of(const Outgoing& page) const {
    std::string mail = cat(
        "From: <", setup_.from, ">\r\nTo: <", setup_.to, ">\r\nSubject: [", page.id, "] ",
        cut(page.text, kHeadMax), "\r\nMessage-ID: ", message_id(page.id),
        "\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nX-Priority: ",
        page.priority, "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
    std::string body = page.text;
    if (const Json& ja = page.page["text_ja"]; ja.is_string()) body += cat("\n\n", ja.string());
    if (!page.code.empty()) {
      body += cat("\n\nTo take it, answer this mail with: coming ", page.code, " MINUTES");
      body += cat(
          "\n\xE5\x8F\x97\xE3\x81\x91\xE3\x82\x8B\xE5\xA0\xB4\xE5\x90\x88\xE3\x81\xAF\xE3\x80\x81",
          "\xE3\x81\x93\xE3\x81\xAE\xE3\x83\xA1\xE3\x83\xBC\xE3\x83\xAB\xE3\x81\xAB: "
          "\xE3\x81\xAF\xE3\x81\x84 ",
          page.code);
    }
    for (const std::string_view text : split(body, '\n')) {
      if (text.starts_with('.')) mail += '.';
      mail += cat(trim(text), "\r\n");
    }
    return mail;
  }

  // Empty: good. One connection a look; what was read is marked as seen.
  std::string read_mailbox(Until until, std::vector<Heard>& out) {
    Dialog line;
    if (!open(line, setup_.imap_tls, setup_.imap_host, setup_.imap_port, until)) {
      return line.trouble();
    }
    if (!line.read_line(until)) return line.trouble();
    std::string answer;
    if (setup_.imap_tls == MailTls::starttls) {
      if (!imap(line, "STARTTLS", until, answer)) return "the mailbox offers no STARTTLS";
      if (!line.start_tls(setup_.imap_host, setup_.ca_file, until)) return line.trouble();
    }
    if (!imap(line,
              cat("LOGIN ", quoted_imap(setup_.imap_user), " ", quoted_imap(setup_.imap_password)),
              until, answer)) {
      return "the mailbox refuses the login";
    }
    if (!imap(line, "SELECT INBOX", until, answer)) return "no INBOX";
    if (!imap(line, "SEARCH UNSEEN", until, answer)) return "the mailbox cannot be searched";
    std::vector<std::string> numbers;
    const std::size_t at = answer.find("* SEARCH");
    if (at != std::string::npos) {
      const std::string_view list =
          std::string_view(answer).substr(at + 8, answer.find('\n', at) - at - 8);
      for (const std::string_view word : split(list, ' ')) {
        if (parse_integer(trim(word))) numbers.emplace_back(trim(word));
      }
    }
    int read = 0;
    for (const std::string& number : numbers) {
      if (++read > kMailsPerTurn) break;
      if (!imap(line, cat("FETCH ", number, " (BODY.PEEK[]<0.", kMailMax, ">)"), until, answer))
        break;
      take(answer, out);
      static_cast<void>(imap(line, cat("STORE ", number, " +FLAGS (\\Seen)"), until, answer));
    }
    static_cast<void>(line.write("z LOGOUT\r\n", until));
    return {};
  }

  bool imap(Dialog& line, const std::string& command, Until until, std::string& answer) {
    answer.clear();
    const std::string tag = cat("a", ++tags_);
    if (!line.write(cat(tag, " ", command, "\r\n"), until)) return false;
    for (;;) {
      const std::optional<std::string> text = line.read_line(until);
      if (!text) return false;
      if (text->starts_with(tag + " ")) return text->substr(tag.size() + 1, 2) == "OK";
      answer += *text + "\n";
      const std::size_t brace = text->rfind('{');
      if (text->ends_with('}') && brace != std::string::npos) {
        const auto size =
            parse_integer(std::string_view(*text).substr(brace + 1, text->size() - brace - 2));
        if (!size || *size < 0 || *size > static_cast<std::int64_t>(kAnswerBytesMax)) return false;
        const auto body = line.read_bytes(static_cast<std::size_t>(*size), until);
        if (!body) return false;
        answer += *body;
      }
      if (answer.size() > 2 * kAnswerBytesMax) return false;
    }
  }

  // The page that a text names by our Message-ID; empty: none.
  std::string page_in(std::string_view text) const {
    const std::string end = cat("@", setup_.name, ".cryobank>");
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) return {};
    const std::size_t begin = text.rfind('<', at);
    return begin == std::string_view::npos ? std::string()
                                           : std::string(text.substr(begin + 1, at - begin - 1));
  }

  void take(std::string_view mail, std::vector<Heard>& out) const {
    const std::string page = page_in(mail);
    const std::string lower = lower_ascii(mail);
    Heard heard;
    heard.page = page;
    heard.handle = page;
    if (lower.find("message/delivery-status") != std::string::npos) {
      const std::string action = lower_ascii(header_of(mail, "action"));
      if (page.empty() || action.empty()) return;
      if (action == "failed") {
        heard.fate = Fate::failed;
        heard.why = cat("bounced: ", clip(header_of(mail, "diagnostic-code"), 150));
      } else if (action == "delivered") {
        heard.fate = Fate::delivered;
      } else {
        return;  // delayed, relayed, expanded: nobody knows yet
      }
      out.push_back(std::move(heard));
      return;
    }
    // An answer of the person who is called here; an automatic one is none.
    if (is_automatic(mail)) return;
    if (lower_ascii(header_of(mail, "from")).find(lower_ascii(setup_.to)) == std::string::npos)
      return;
    const std::size_t body = mail.find("\r\n\r\n") != std::string_view::npos
                                 ? mail.find("\r\n\r\n") + 4
                                 : mail.find("\n\n") + 2;
    const std::string written = first_paragraph(mail.substr(std::min(body, mail.size())));
    if (written.empty()) return;
    read_answer(written, heard);
    if (heard.user.empty()) heard.user = setup_.user;
    out.push_back(std::move(heard));
  }

  const MailSetup setup_;
  // Of the thread that hears.
  Until look_at_{};
  std::string imap_why_;
  int tags_ = 0;
};

std::unique_ptr<Driver> make_mail(config::TableReader& reader, const ChannelCommon& common) {
  MailSetup setup;
  setup.name = common.channel;
  reader.text("host", setup.host, config::Need::required);
  reader.choice("tls", setup.tls, kMailTls);
  if (setup.tls == MailTls::tls) setup.port = kSmtpsPort;
  reader.integer("port", setup.port, 1, 65535);
  read_path(reader, "ca_file", setup.ca_file);
  reader.text("from", setup.from, config::Need::required);
  reader.text("to", setup.to, config::Need::required);
  read_user(reader, setup.user);
  reader.text("smtp_user", setup.smtp_user);
  reader.text("smtp_password", setup.smtp_password);
  reader.text("imap_host", setup.imap_host);
  reader.choice("imap_tls", setup.imap_tls, kMailTls);
  if (setup.imap_tls == MailTls::tls) setup.imap_port = kImapsPort;
  reader.integer("imap_port", setup.imap_port, 1, 65535);
  reader.text("imap_user", setup.imap_user);
  reader.text("imap_password", setup.imap_password);
  reader.duration("look_every", setup.look_every, seconds(1), minutes(10));
  for (const auto& [key, address] : {std::pair{"from", setup.from}, std::pair{"to", setup.to}}) {
    if (!address.empty() && !is_address(address)) {
      refuse_value(reader, key, "one mail address", address);
    }
  }
  const std::string words =
      cat(setup.imap_user, setup.imap_password, setup.smtp_user, setup.smtp_password);
  if (words.find_first_of("\r\n") != std::string::npos)
    reader.fault("imap_user", "expected one line");
  return std::make_unique<MailDriver>(std::move(setup));
}

const KindRegistration kMail({"mail", "sent", seconds(30), make_mail});

}  // namespace
}  // namespace cryobank::pager
