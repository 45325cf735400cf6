// feed subscribe: draws the secret of a calendar's address here, sends the daemon its hash alone,
// and prints the address, once; nobody can print it again.
#include <sys/random.h>

#include <array>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::size_t kSecretBytes = 32;  // nobody guesses one of 2^256

struct Subscription {
  std::string feed;
  std::string of;
  std::string course;
  std::string clinic;
  std::string address = "http://127.0.0.1:8080";
};

int subscribe(const Globals& globals, const Subscription& wanted, const std::string& reason) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  CHECK(getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  const std::string secret = to_hex(bytes);
  Json body = Json::object().set("feed", wanted.feed).set("of", wanted.of);
  if (!wanted.course.empty()) body.set("course", wanted.course);
  if (!wanted.clinic.empty()) body.set("clinic", wanted.clinic);
  body.set("secret_sha256", to_hex(sha256(secret)));
  const int done =
      send_command(globals, "feed/create", make_command(std::move(body), reason, {}), true);
  if (done != kDone) return done;
  const std::string address = cat(wanted.address, "/calendar/", secret, ".ics");
  if (globals.json) {
    print_json(Json::object().set("feed", wanted.feed).set("address", address));
  } else {
    print_line(address);
  }
  tell("Keep the address as a password: whoever has it reads the calendar. It is printed once.");
  return kDone;
}

}  // namespace

void add_feed(CLI::App& app, Globals& globals) {
  auto* feed = app.add_subcommand("feed", "calendars at secret addresses");
  feed->require_subcommand(1);
  auto* command = feed->add_subcommand(
      "subscribe", "make a calendar and print its secret address, which nobody can print again");
  auto options = with_options(command);
  auto wanted = std::make_shared<Subscription>();
  command->add_option("--feed,feed", wanted->feed, "what it is called")->required();
  command->add_option("--of", wanted->of, "clinic, lab or patient")->required();
  command->add_option("--course", wanted->course, "of a patient's calendar");
  command->add_option("--clinic", wanted->clinic, "else of every clinic");
  command->add_option("--address", wanted->address,
                      "where the daemon's HTTP port is seen from, e.g. https://bank.example");
  on_chosen(command, globals,
            [&globals, options, wanted] { return subscribe(globals, *wanted, options->reason); });
}

}  // namespace cryobank::ctl
