#include "tests/programs/pager_program.hpp"

#include <csignal>
#include <fstream>

#include "base/text.hpp"

namespace cryobank::test {
namespace {

constexpr std::string_view kMark = "PAGE ";  // as channel_print_io.cpp begins its lines
constexpr std::chrono::milliseconds kLook{10};

}  // namespace

std::string lids_at_once() {
  return read_text(CRYOBANK_SOURCE_DIR "/tests/programs/lids_at_once.toml");
}

PagerProgram::PagerProgram(const Bank& bank, std::string_view silence, const std::string& name,
                           std::string_view user)
    : config_((bank.directory() / (name + ".toml")).string()),
      log_((bank.directory() / (name + ".log")).string()) {
  std::ofstream file(config_);
  file << cat("site = \"demo\"\nstate_dir = \"", bank.directory().string(), "/", name,
              "\"\nsilence = \"", silence,
              "\"\nrepeat = \"10s\"\ntier_after = \"1min\"\n[mqtt]\nhost = \"127.0.0.1\"\nport = ",
              bank.broker_port(), "\nuser = \"", user, "\"\n");
  for (int i = 1; i <= 3; ++i) {
    file << cat("[[channel]]\nid = \"pager-", i, "\"\nkind = \"print\"\ntier = ", i, "\n");
  }
  file.close();
  watcher_ = std::thread([this] { watch(); });
}

PagerProgram::~PagerProgram() {
  process_ = Process();
  ends_ = true;
  watcher_.join();
}

void PagerProgram::start() {
  process_ = Process({CRYOBANK_BIN_DIR "/cryobank-pager", "--config", config_}, log_);
}

void PagerProgram::kill() { process_.stop(SIGKILL); }

std::vector<PrintedPage> PagerProgram::printed() const {
  const std::lock_guard lock(mutex_);
  return printed_;
}

void PagerProgram::watch() {
  std::ifstream file;
  std::string rest;
  while (!ends_) {
    std::this_thread::sleep_for(kLook);
    if (!file.is_open()) file.open(log_);
    if (!file.is_open()) continue;
    file.clear();
    for (char chunk[4096]; file.read(chunk, sizeof chunk) || file.gcount() > 0;) {
      rest.append(chunk, static_cast<std::size_t>(file.gcount()));
    }
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
      const std::string line = rest.substr(0, end);
      const std::size_t colon = line.find(": ");
      if (!line.starts_with(kMark) || colon == std::string::npos) continue;
      const std::lock_guard lock(mutex_);
      printed_.push_back(
          {now, line.substr(kMark.size(), colon - kMark.size()), line.substr(colon + 2)});
    }
  }
}

}  // namespace cryobank::test
