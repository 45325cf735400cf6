// Chaos: people who give every command of the inventory, sensible or not, in any order, and a robot
// that fails as it likes, in a small bank. Everything is drawn from the seed. A Tally counts what
// was accepted and what was refused, for every verb of the table.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {

struct Tally {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
};
using Tallies = std::map<std::string, Tally, std::less<>>;

// The small site with a shipper and a reception; with `approval` retrievals and moves wait for it.
const config::SiteConfig& chaos_site(bool approval);

class Chaos {
 public:
  Chaos(Bank& bank, std::uint64_t seed, Tallies& tallies)
      : bank_(bank), prng_(seed), tallies_(tallies) {}

  // One command, and now and then one event of the robot.
  void step();

  // The verbs that it draws, in the order of the table below.
  static std::vector<std::string_view> drawn_verbs();

 private:
  struct Draw {
    std::string_view verb;
    int weight = 0;
    Json (Chaos::*body)() = nullptr;
  };
  static std::span<const Draw> draws();

  // Words of the bank, most of them known there.
  std::string course() { return cat("c", prng_.below(6)); }
  std::string dose() { return cat("d0", prng_.between(1, 3)); }
  std::string aliquot() { return cat(course(), "-", dose(), "-1"); }
  std::string lot() { return cat("l", prng_.below(3)); }
  std::string place();
  std::string box();
  std::string position();
  std::string numbered(std::string_view kind, std::string_view counter);
  std::string after_now(std::int64_t minutes_max);
  bool one_in(std::uint64_t n) { return prng_.chance(1, n); }

  // Bodies, one for each verb or family.
  Json nothing();
  Json of_vial();
  Json of_course();
  Json of_dose();
  Json of_place();
  Json of_position();
  Json of_hold();
  Json of_job();
  Json of_job_there();  // by somebody who stands at the robot
  Json of_disposal();
  Json of_operation();
  Json of_take();
  Json terms();
  Json registration();
  Json storing();
  Json transferring();
  Json release();
  Json plan();
  Json pinning();
  Json splitting();
  Json thaw();
  Json scanned_dose();
  Json labelled_dose();
  Json refreezing();
  Json lifting();
  Json setting_down();
  Json one_move();
  Json moves();
  Json resolution();
  Json unordered_motion();
  Json holding();
  Json disposal();
  Json evacuation();
  Json evacuated_rack();
  Json excursion();
  Json budget();
  Json exposed();
  Json import_lines();
  Json new_place();
  Json moved_place();
  Json reservation();
  Json mapping();
  Json challenge();
  Json tests();
  Json result();
  Json exception();
  Json notice();
  Json affected();
  Json window();
  Json review();
  Json purge();
  Json order_scan();
  Json scan();
  Json accepted_scan();
  Json packing();
  Json shipment();
  Json receipt();
  Json signing();
  Json signer();
  Json rule();
  Json sample();
  Json count();
  Json scanned_label();
  Json label_lines();

  // What a scanner would read of a box that is as the record says, but for some mistakes.
  std::string read_box(const std::string& box);
  std::vector<ReadCode> read_by_robot(const PlaceId& box);
  void tell(const Draw& draw);
  void sign(std::string_view verb, const Json& body);
  using Homes = std::map<AliquotId, Spot>;
  Homes homes_of(std::string_view verb, const Json& body);
  void expect_kept(std::string_view verb, const Json& body, const Homes& homes);
  // A body that somebody typed: a member is missing or is something else.
  Json spoil(Json body);

  void robot();
  bool is_by_hand(const JobId& id);
  bool in_flight();
  void outcome(const JobId& id, std::size_t index, const Move& move);

  Bank& bank_;
  Prng prng_;
  bool paused_ = false;  // the robot, after a motion that nobody ordered, until a person looked
  Tallies& tallies_;
};

}  // namespace cryobank::inventory
