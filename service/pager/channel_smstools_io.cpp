// SMS by smstools: smsd takes files from its outgoing folder and moves them to sent or failed; the
// status report of the network comes as a file as well, and so does what people answer. `sent` is
// the file in the sent folder with its Message_id, `delivered` a status report with status 0 for
// that id, while no other message of the same id can still be reported (sms_references.hpp): what
// else was sent in the last day lies in the sent folder.
//   outgoing/cb-12-345:  To: 491701234567\nReport: yes\n\nP1 freezer-1 ...
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "service/clock_io.hpp"
#include "service/pager/driver.hpp"
#include "service/pager/queue_file_io.hpp"
#include "service/pager/sms_references.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kSmsMax = 160;
constexpr std::size_t kFilesMax = 10'000;  // of one folder
// What cannot be taken out of a folder and is older than this when the gateway starts was read in
// the run before.
constexpr std::int64_t kOldAnswer_s = 600;
constexpr std::chrono::milliseconds kLookEvery{50};
constexpr Duration kOthersTried = hours(24);  // of messages that an earlier run or another sent

struct SmsFile {
  std::map<std::string, std::string> headers;  // in lower case
  std::string text;
};

SmsFile read_sms(const std::string& path) {
  SmsFile sms;
  std::string_view rest;
  const std::string whole = read_small_file(path);
  rest = whole;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = trim(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    sms.headers[lower_ascii(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  }
  sms.text = std::string(trim(rest));
  return sms;
}

std::string value_of(const SmsFile& sms, const std::string& key) {
  const auto found = sms.headers.find(key);
  return found == sms.headers.end() ? std::string() : found->second;
}

// "Message_id: 117", "Status: 0,Ok,..." of the body of a report.
std::string body_value(const SmsFile& sms, std::string_view key) {
  for (const std::string_view line : split(sms.text, '\n')) {
    const std::string_view one = trim(line);
    if (lower_ascii(one.substr(0, key.size())) == key)
      return std::string(trim(one.substr(key.size())));
  }
  return {};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* open = ::opendir(folder.c_str());
  if (open == nullptr) return names;
  while (const dirent* entry = ::readdir(open)) {
    if (entry->d_name[0] != '.' && names.size() < kFilesMax) names.emplace_back(entry->d_name);
  }
  ::closedir(open);
  std::ranges::sort(names);
  return names;
}

// A file as it was when it was read.
struct Stamp {
  std::int64_t size = 0;
  std::int64_t changed_s = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const Stamp&) const = default;
};

std::optional<Stamp> stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return Stamp{found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

bool may(const std::string& path, int how) {
  return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0;
}

bool exists(const std::string& path) {
  struct stat unused {};
  return ::stat(path.c_str(), &unused) == 0;
}

class SmstoolsDriver : public Driver {
 public:
  SmstoolsDriver(std::string spool, std::string number, std::string user)
      : spool_(std::move(spool)), number_(std::move(number)), user_(std::move(user)) {}

  Attempt send(const Outgoing& page, Until until) override {
    if (!std::exchange(looked_back_, true)) look_back();
    const std::string name = cat("cb-", ++files_, "-", safe(page.id));
    const int validity = sms_validity(page.created, page.expires);
    const std::string text =
        cat("To: ", digits_of(number_),
            "\nReport: yes\nPriority: ", page.priority == 1 ? "high" : "normal",
            "\nValidity: ", validity, "\n\n", cut(page.text, kSmsMax), "\n");
    // smsd takes whatever lies in `outgoing`, as another user of the same group: a file is whole,
    // and the group's, before it comes there.
    if (!place_file(cat(spool_, "/.", name), cat(spool_, "/outgoing/", name), text, 0660)) {
      return {Fate::failed,
              cat("cannot write to ", spool_, "/outgoing: ", std::strerror(errno)),
              {},
              false};
    }
    while (std::chrono::steady_clock::now() < until) {
      if (exists(cat(spool_, "/failed/", name))) {
        const SmsFile sms = read_sms(cat(spool_, "/failed/", name));
        return {Fate::failed, cat("smsd: ", clip(value_of(sms, "fail_reason"), 120)), {}, false};
      }
      if (exists(cat(spool_, "/sent/", name))) {
        const std::string id = value_of(read_sms(cat(spool_, "/sent/", name)), "message_id");
        if (!id.empty()) pages_.give(id, page.id, service::wall_clock(), sms_tried(validity));
        return {Fate::sent, {}, id, false};
      }
      std::this_thread::sleep_for(kLookEvery);
    }
    // Taken back, so that it does not go out when nobody waits for it any more.
    const bool back = ::unlink(cat(spool_, "/outgoing/", name).c_str()) == 0;
    return {Fate::failed,
            back ? "smsd did not take it in time" : "smsd took it and says nothing",
            {},
            false};
  }

  bool hears() const override { return true; }
  std::vector<NeededFile> needs() const override {
    return {{"spool", spool_, W_OK}, {"spool", cat(spool_, "/outgoing"), W_OK}};
  }

  std::vector<Heard> listen(Until) override {
    std::vector<Heard> out;
    std::map<std::string, Stamp> lying;
    for (const std::string_view folder : {"/report/", "/incoming/"}) {
      for (const std::string& name : names_in(cat(spool_, folder))) {
        const std::string path = cat(spool_, folder, name);
        const std::optional<Stamp> stamp = stamp_of(path);
        if (!stamp) continue;
        const auto known = read_.find(path);
        const bool read = known != read_.end() && known->second == *stamp;
        if (!read && take_file(path, *stamp, out)) continue;
        lying.emplace(path, *stamp);
      }
    }
    read_ = std::move(lying);
    first_ = false;
    return out;
  }

  std::string probe(Until) override {
    for (const std::string_view folder : {"", "/outgoing"}) {
      const std::string path = cat(spool_, folder);
      if (may(path, W_OK)) continue;
      return cat("cannot write to ", path, ": ", std::strerror(errno),
                 "; the gateway's user must be in the group of smsd");
    }
    for (const std::string& name : names_in(cat(spool_, "/incoming"))) {
      if (may(cat(spool_, "/incoming/", name), R_OK)) continue;
      return cat("cannot read the answer ", spool_, "/incoming/", name, ": ", std::strerror(errno));
    }
    const std::size_t waiting = names_in(cat(spool_, "/outgoing")).size();
    return waiting > 20 ? cat(waiting, " messages wait and smsd takes none") : std::string();
  }

 private:
  // True: it is gone. Another channel's reports and messages are left for it, and what is smsd's
  // own and may not be removed (a sticky folder) is read once.
  bool take_file(const std::string& path, const Stamp& stamp, std::vector<Heard>& out) {
    const SmsFile sms = read_sms(path);
    if (digits_of(value_of(sms, "from")) != digits_of(number_)) return false;
    const bool old = first_ && ::time(nullptr) - stamp.changed_s > kOldAnswer_s;
    const bool gone = ::unlink(path.c_str()) == 0;
    if (!gone && old) return false;
    const std::string id = body_value(sms, "message_id:");
    if (id.empty()) {
      take_answer(sms, out);
    } else {
      take_report(sms, id, out);
    }
    return gone;
  }

  void take_report(const SmsFile& sms, const std::string& id, std::vector<Heard>& out) {
    // smsd writes the centre's time without its zone, which says too little.
    const std::string page = pages_.page_of(id, service::wall_clock(), std::nullopt);
    if (page.empty()) return;
    const std::string status = body_value(sms, "status:");
    const Result<std::int64_t> code = parse_integer(trim(status.substr(0, status.find(','))));
    if (!code) return;
    Heard heard;
    heard.page = page;
    heard.handle = id;
    if (*code <= 2) {
      heard.fate = Fate::delivered;
    } else if (*code >= 64) {
      heard.fate = Fate::failed;
      heard.why = cat("status report ", clip(status, 80));
    } else {
      return;  // the centre still tries
    }
    pages_.end(id, service::wall_clock());
    out.push_back(std::move(heard));
  }

  // What was sent before this run, or by others through the same modem, may be reported yet.
  void look_back() {
    for (const std::string& name : names_in(cat(spool_, "/sent"))) {
      const std::string path = cat(spool_, "/sent/", name);
      const std::optional<Stamp> stamp = stamp_of(path);
      if (!stamp) continue;
      const WallTime until = WallTime{stamp->changed_s * 1000} + kOthersTried;
      if (until <= service::wall_clock()) continue;
      const std::string id = value_of(read_sms(path), "message_id");
      if (!id.empty()) pages_.foreign(id, until);
    }
  }

  void take_answer(const SmsFile& sms, std::vector<Heard>& out) {
    Heard heard;
    read_answer(sms.text, heard);
    if (heard.user.empty()) heard.user = user_;
    out.push_back(std::move(heard));
  }

  static std::string safe(std::string_view id) {
    std::string out;
    for (const char c : id.substr(0, 60)) out += is_id_text(std::string_view(&c, 1)) ? c : '-';
    return out;
  }

  std::string spool_;
  std::string number_;
  std::string user_;
  std::uint64_t files_ = static_cast<std::uint64_t>(::getpid()) * 100'000;
  SmsReferences pages_;  // by smsd's message id
  bool looked_back_ = false;
  std::map<std::string, Stamp> read_;  // what still lies there, by path
  bool first_ = true;                  // nothing was looked for yet
};

std::unique_ptr<Driver> make_smstools(config::TableReader& reader, const ChannelCommon&) {
  std::string spool = "/var/spool/sms";
  std::string number;
  std::string user;
  read_path(reader, "spool", spool);
  reader.text("number", number, config::Need::required);
  read_user(reader, user);
  if (!number.empty() && digits_of(number).empty()) {
    refuse_value(reader, "number", "a telephone number as +491701234567", number);
  }
  return std::make_unique<SmstoolsDriver>(spool, number, user);
}

const KindRegistration kSmstools({"smstools", "delivered", minutes(2), make_smstools});

}  // namespace
}  // namespace cryobank::pager
