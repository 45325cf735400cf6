#include "tests/programs/bank.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

// Of every user of the demonstration site.
constexpr std::string_view kSigningSecret = "demo-sign";

void replace(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CHECK(at != std::string::npos);
  text.replace(at, from.size(), to);
}

}  // namespace

SimControl::SimControl(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

SimControl::~SimControl() { ::close(fd_); }

Json SimControl::ask(const Json& command) {
  const std::string line = command.dump() + "\n";
  CHECK(::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size()));
  while (buffer_.find('\n') == std::string::npos) {
    char chunk[65536];
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    CHECK(got > 0);
    buffer_.append(chunk, static_cast<std::size_t>(got));
  }
  const std::size_t end = buffer_.find('\n');
  auto answer = parse_json(std::string_view(buffer_).substr(0, end), 16u << 20);
  buffer_.erase(0, end + 1);
  CHECK(answer.ok());
  return *answer;
}

Bank::Bank(const std::string& name) {
  directory_ = fs::temp_directory_path() / cat("cryobank-", name, "-", ::getpid());
  fs::remove_all(directory_);
  fs::create_directories(directory_ / "broker");
  broker_ = std::make_unique<Broker>((directory_ / "broker").string());
  control_port_ = free_port();
  write_config();
}

Bank::~Bank() {
  daemon_ = Process();
  sim_ = Process();
  control_.reset();
  broker_.reset();
  if (::testing::Test::HasFailure()) {
    std::fprintf(stderr, "kept for a look: %s\n", directory_.c_str());
  } else {
    fs::remove_all(directory_);
  }
}

std::string Bank::site_file() const { return (directory_ / "config/demo/site.toml").string(); }

void Bank::write_config() {
  fs::copy(fs::path(CRYOBANK_SOURCE_DIR) / "config", directory_ / "config",
           fs::copy_options::recursive);
  std::string site = read_text(site_file());
  replace(site, "port = 1883", cat("port = ", broker_->port()));
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    ports_[i] = free_port();
    replace(site, cat("port = ", 15020 + i), cat("port = ", ports_[i]));
  }
  replace(site, "directory = \"/var/lib/cryobank-demo/store\"",
          cat("directory = \"", (directory_ / "store").string(), "\""));
  std::ofstream(site_file()) << site;
}

void Bank::set_freezer_poll(std::string_view period) {
  std::string site = read_text(site_file());
  replace(site, "id = \"freezer-1\"", cat("id = \"freezer-1\"\npoll_fast = \"", period, "\""));
  std::ofstream(site_file()) << site;
}

Location location_of(const std::string& place, const std::string& position) {
  const auto parts = split(place, '-');
  if (parts[0] == "transfer") return {901, 0, *parse_integer(position)};
  if (parts[0] == "thaw") return {902, 0, *parse_integer(position)};
  const std::int64_t index = (position[0] - 'A') * 9 + *parse_integer(position.substr(1)) - 1;
  return {*parse_integer(parts[1]), *parse_integer(parts[3]),
          *parse_integer(parts[5]) * 100 + 1 + index};
}

void Bank::use_robot(int port) {
  std::string site = read_text(site_file());
  replace(site, cat("port = ", ports_[1]), cat("port = ", port));
  ports_[1] = port;
  std::ofstream(site_file()) << site;
}

void Bank::add_config(std::string_view toml) {
  std::ofstream(site_file(), std::ios::app) << "\n" << toml;
}

void Bank::set_store(const std::string& directory) {
  std::string site = read_text(site_file());
  replace(site, (directory_ / "store").string(), directory);
  std::ofstream(site_file()) << site;
}

int Bank::wait_daemon_end(std::chrono::milliseconds within) { return daemon_.wait(within); }

Bank::Ran Bank::ctl(const std::vector<std::string>& arguments, const std::string& user) {
  const std::string log = (directory_ / cat("ctl-", ++runs_, ".log")).string();
  std::vector<std::string> all{std::string(CRYOBANK_BIN_DIR) + "/cryobankctl",
                               "--port",
                               cat(broker_->port()),
                               "--site",
                               "demo",
                               "--user",
                               user};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Process process(std::move(all), log);
  const int code = process.wait(seconds(120));
  return {code, read_text(log)};
}

void Bank::start_machines() {
  const std::string bin = CRYOBANK_BIN_DIR;
  broker_->start();
  sim_ = Process({bin + "/cryobank-sim", "--config", site_file(), "--control-port",
                  cat(control_port_), "--robot-speed", "40", "--seed", "1"},
                 (directory_ / "sim.log").string());
  CHECK(wait_for_port(control_port_, seconds(10)));
  control_ = std::make_unique<SimControl>(control_port_);
}

void Bank::start_all() {
  start_world();
  start_daemon();
}

void Bank::start_world() {
  start_machines();
  Process create(
      {std::string(CRYOBANK_BIN_DIR) + "/cryobankctl", "store", "create", "--config", site_file()},
      (directory_ / "create.log").string());
  CHECK(create.wait(seconds(20)) == 0);
}

void Bank::start_daemon() {
  daemon_ = Process({std::string(CRYOBANK_BIN_DIR) + "/cryobankd", "--config", site_file()},
                    daemon_log());
}

void Bank::kill_daemon() { daemon_.stop(SIGKILL); }
int Bank::stop_daemon() { return daemon_.stop(SIGTERM); }
bool Bank::daemon_running() { return daemon_.running(); }

bool Bank::wait_online(std::chrono::milliseconds within) {
  return eventually(within, [this] {
    const Json state = retained("service/state");
    return state.string_or("state", "") == "online" && state.string_or("record", "") == "kept";
  });
}

std::unique_ptr<ctl::Session> Bank::login(const std::string& user) {
  ctl::Access access;
  access.port = broker_->port();
  access.site = "demo";
  access.user = user;
  auto session = ctl::Session::open(access);
  CHECK(session.ok());
  return std::move(session).value();
}

Json Bank::command(const std::string& user, std::string_view verb, Json body) {
  const auto session = login(user);
  const auto ask = [&](std::string_view what, Json command) {
    return session->request(what, std::move(command), seconds(60), true, [](const Json&) {});
  };
  auto reply = ask(verb, Json::object().set("body", body));
  if (reply && reply->string_or("code", "") == "signature-needed") {
    Json shown = Json::object().set("act", verb).set("body", body);
    const auto prepared = ask("signature/prepare", Json::object().set("body", std::move(shown)));
    if (!prepared) return Json::object().set("message", prepared.error().context);
    const Json& record = (*prepared)["body"];
    Json signature = Json::object().set("user", user).set("secret", kSigningSecret);
    signature.set("meaning", record["meaning"]).set("record", record["record"]);
    Json again = Json::object().set("body", std::move(body));
    reply = ask(verb, again.set("signature", std::move(signature)));
  }
  if (!reply) return Json::object().set("status", "no-reply").set("message", reply.error().context);
  return *reply;
}

Json Bank::retained(const std::string& topic) {
  const auto session = login("viewer");
  const auto found = session->retained(topic);
  if (!found || !found->contains(topic)) return Json();
  auto json = parse_json(found->at(topic));
  return json ? *json : Json();
}

}  // namespace cryobank::test
