// Core: the one state machine of the service. It owns the parts (fleet, ledger, board, schedule,
// recorder, publisher) and routes between them; it holds no rule of its own. No clock, thread,
// lock, socket, file, random device or environment inside: the production loop and the simulation
// drive the same two calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fact.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"
#include "service/wire/effect.hpp"
#include "service/wire/input.hpp"

namespace cryobank::core {

// What a run without a record leaves to the run that has one.
struct Unrecorded {
  std::string seal;         // that its alarms at the broker bear
  std::vector<Fact> facts;  // that happened, in their order: who took an alarm, what was said
};

class Core {
 public:
  // `config` must outlive the core. `epoch` is above that of every earlier start (the edge reads it
  // from the store's row "m/epoch", adds one, and commits it before the core is made).
  Core(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Before the first step: every row of the store, in key order, except journal entries ("j/") and
  // events ("e/"). An Error means that the store is corrupt or of another version.
  Status load_row(std::string_view key, std::string_view value);
  Status loaded();
  // Before the first step: this run has no record, and why. It watches and pages, says so, and
  // refuses whatever would have to be kept.
  void watch_only(std::string why);
  // Before the first step: the secret that the alarms at the broker are sealed with.
  void seal_alarms_with(std::string key);

  // Before the first step: a run without a record went before, in this process. Its alarms at the
  // broker are believed, as one's own are after a restart, and its facts are written down.
  void take_over(Unrecorded left);
  // After the last step of a run without a record.
  Unrecorded leave() const;

  // Appends what is to be done to `effects`.
  void step(const Now& now, const Input& input, Effects& effects);
  // As this run has it: what was reloaded is in it.
  const config::SiteConfig& site() const;
  // When a Tick is due at the latest; kNever when nothing is pending.
  Instant next_deadline() const;

  // For the checkers of the simulation and for tests.
  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::core
