// Runs a program with the page as JSON on its standard input: the way to a carrier that this
// gateway does not know. Exit code 0 means `exit_means`; what it prints may be answers, one JSON
// object a line: {"status":"coming","code":"4471","user":"anna"}. It is killed at its time. Its
// output is read to a bound, so that one who writes without end stops nothing.
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "service/log_io.hpp"
#include "service/pager/driver.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kOutputMax = 16 * 1024;
constexpr std::size_t kHeardMax = 20;

struct Child {
  pid_t pid = 0;
  int in = -1;
  int out = -1;
};

bool start_child(const std::string& program, Child& child) {
  int input[2];
  int output[2];
  if (::pipe2(input, O_CLOEXEC) != 0) return false;
  if (::pipe2(output, O_CLOEXEC) != 0) {
    ::close(input[0]);
    ::close(input[1]);
    return false;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  std::string path = program;
  char* arguments[] = {path.data(), nullptr};
  const int code =
      ::posix_spawn(&child.pid, path.c_str(), &actions, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(input[0]);
  ::close(output[1]);
  child.in = input[1];
  child.out = output[0];
  if (code == 0) return true;
  ::close(child.in);
  ::close(child.out);
  errno = code;
  return false;
}

// What became of the page is said by the program's end alone.
bool is_answer(std::string_view status) {
  return status == "coming" || status == "later" || status == "not-coming" || status == "read";
}

class ProgramDriver : public Driver {
 public:
  ProgramDriver(std::string channel, std::string program, Fate means)
      : channel_(std::move(channel)), program_(std::move(program)), means_(means) {}

  Attempt send(const Outgoing& page, Until until) override {
    Child child;
    if (!start_child(program_, child))
      return {Fate::failed, cat(program_, " cannot be started"), {}, false};
    Json input = page.page;
    input.set("channel", channel_).set("page", page.id).set("text", page.text);
    // A page fits the pipe's buffer whole, so this cannot block.
    const std::string text = input.dump() + "\n";
    const bool taken = ::write(child.in, text.data(), text.size()) >= 0;
    ::close(child.in);
    std::string output;
    const bool ended = drain(child.out, until, output);
    ::close(child.out);
    const int status = wait_for(child.pid, until);
    static_cast<void>(ended);
    take_answers(output);
    if (status == 0 && taken) return {means_, {}, {}, false};
    return {
        Fate::failed,
        status < 0 ? cat(program_, " did not end in time") : cat(program_, " ended with ", status),
        {},
        false};
  }

  std::vector<Heard> listen(Until) override { return std::exchange(heard_, {}); }
  bool hears() const override { return !heard_.empty(); }
  std::vector<NeededFile> needs() const override { return {{"program", program_, X_OK}}; }

 private:
  static bool drain(int fd, Until until, std::string& output) {
    for (;;) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd one{fd, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&one, 1, static_cast<int>(left.count())) <= 0) return false;
      std::array<char, 4096> chunk{};
      const ssize_t got = ::read(fd, chunk.data(), chunk.size());
      if (got <= 0) return true;
      if (output.size() < kOutputMax) output.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

  // The exit code; -1: killed at its time, with all it started.
  static int wait_for(pid_t child, Until until) {
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > until) {
        ::kill(-child, SIGKILL);
        ::waitpid(child, &status, 0);
        return -1;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(-child, SIGKILL);  // what it left running
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  }

  void take_answers(const std::string& output) {
    for (const std::string_view line : split(output, '\n')) {
      const Result<Json> json = parse_json(line);
      if (!json || !json->is_object() || heard_.size() >= kHeardMax) continue;
      RowReader in("an answer of the program", *json);
      if (!in.has("status")) continue;  // what else the program says
      Heard heard;
      heard.what = Heard::What::answer;
      heard.status = in.text("status");
      if (!is_answer(heard.status)) in.refuse("status", "coming, later, not-coming or read");
      heard.code = in.maybe_text("code");
      heard.user = in.maybe_text("user");
      heard.text = clip(line, 200);
      if (in.ok()) {
        heard_.push_back(std::move(heard));
      } else {
        service::write_log(core::LogLevel::warning,
                           cat(program_, ": ", in.status().error().context));
      }
    }
  }

  std::string channel_;
  std::string program_;
  Fate means_;
  std::vector<Heard> heard_;
};

std::unique_ptr<Driver> make_program(config::TableReader& reader, const ChannelCommon& common) {
  std::string program;
  std::string means = "sent";
  read_path(reader, "program", program, config::Need::required);
  reader.text("exit_means", means);
  if (means != "sent" && means != "delivered") {
    reader.fault("exit_means", cat("expected sent or delivered, came \"", clip(means, 20), "\""));
  }
  return std::make_unique<ProgramDriver>(common.channel, program,
                                         means == "delivered" ? Fate::delivered : Fate::sent);
}

const KindRegistration kProgram({"program", "sent", seconds(30), make_program});

}  // namespace
}  // namespace cryobank::pager
