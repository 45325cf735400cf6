#include "service/pager/channel_io.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/text.hpp"
#include "service/log_io.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kWaitingMax = 1000;

bool print_page(const Delivery& delivery) {
  return std::printf("PAGE %s: %s\n", delivery.channel.c_str(), delivery.text.c_str()) > 0 &&
         std::fflush(stdout) == 0;
}

// The page as the program reads it: the daemon's own, or the gateway's with channel and text.
std::string page_json(const Delivery& delivery) {
  Json page = delivery.page;
  page.set("channel", delivery.channel).set("page", delivery.page_id).set("text", delivery.text);
  return page.dump() + "\n";
}

// Waits for the child, kills it after `within`; true when it ended with 0.
bool wait_for_exit(pid_t child, Duration within) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(within.ns);
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool run_program(const ChannelDriver& driver, const Delivery& delivery) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  std::string program = driver.program;
  char* arguments[] = {program.data(), nullptr};
  pid_t child = 0;
  const int code = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  if (code == 0) {
    // A page fits the pipe's buffer whole, so this cannot block.
    const std::string text = page_json(delivery);
    if (::write(ends[1], text.data(), text.size()) < 0) {
      service::write_log(core::LogLevel::warning, cat(program, " did not take its input"));
    }
  }
  ::close(ends[1]);
  if (code != 0) return false;
  return wait_for_exit(child, driver.within);
}

}  // namespace

Channel::Channel(ChannelDriver driver, Done done)
    : driver_(std::move(driver)),
      done_(std::move(done)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Channel::~Channel() = default;

void Channel::deliver(Delivery delivery) {
  std::optional<Delivery> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kWaitingMax) {
      dropped = std::move(waiting_.front());
      waiting_.pop_front();
    }
    waiting_.push_back(std::move(delivery));
  }
  wake_.notify_one();
  if (dropped) done_(*dropped, false);
}

void Channel::run(const std::stop_token& stop) {
  while (true) {
    Delivery delivery;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      delivery = std::move(waiting_.front());
      waiting_.pop_front();
    }
    const bool delivered =
        driver_.kind == DriverKind::print ? print_page(delivery) : run_program(driver_, delivery);
    if (!delivered) {
      service::write_log(core::LogLevel::error, cat("channel ", delivery.channel,
                                                    " did not take page ", delivery.page_id));
    }
    done_(delivery, delivered);
  }
}

}  // namespace cryobank::pager
