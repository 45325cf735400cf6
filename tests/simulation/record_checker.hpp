// RecordChecker: reads the journal as it grows, replays its facts into a ledger of its own, and
// holds the daemon, its rows and the shelf against it.
// - every entry has the bytes and the hash that its content and its predecessor demand;
// - the rows of the store are what the facts make, byte for byte;
// - a motion is begun only after its intent is durable, once per sequence number, one per move;
// - a reply that says done or accepted comes after its record, and a command is done once;
// - each vial is where the record says, unless the record says UNKNOWN or the vial is under way;
// - what the record says has left the robots' reach stands on no shelf of theirs;
// - each fact keeps the rules of custody (rule_checker.hpp);
// - alarms stand as the journal says (alarm_checker.hpp).
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "inventory/ledger/aliquot.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/record/journal.hpp"
#include "tests/simulation/alarm_checker.hpp"
#include "tests/simulation/rule_checker.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

class RecordChecker {
 public:
  explicit RecordChecker(Stage& stage);

  // New entries of the store. After each durable batch and each restart.
  void follow();
  // New motions of the machines. After everything that can begin one.
  void on_motions();
  void on_reply(const core::Publish& publish);
  // Ids of commands that must change nothing.
  void forbid(const std::string& id) { forbidden_.insert(id); }

  std::uint64_t entries() const { return journal_.sequence(); }
  void compare_rows();
  void compare_with_shelf();
  // The daemon's ledger against the replayed one: what it would tell of each course and job.
  void compare_ledgers();
  void compare_alarms() const { alarms_.compare(); }
  // At the end of a run: no reservation outlives its time.
  void check_reservations();

 private:
  void read_entry(std::string_view key, std::string_view bytes);
  void compare_member(const CourseId& course, const AliquotId& member,
                      const std::set<std::string>& moving);
  void check_vial(const inventory::Ledger& ledger, const inventory::Aliquot& aliquot);

  using Motion = std::tuple<std::string, std::uint32_t, std::uint32_t>;  // robot, epoch, sequence

  Stage& stage_;
  inventory::Journal journal_;
  inventory::Ledger ledger_;
  RuleChecker rules_;
  AlarmChecker alarms_;
  std::map<std::string, std::string> rows_;
  std::map<Motion, std::string> issued_;  // the move that each is for: "{job}/{move}"
  std::map<std::string, Motion> moved_;   // by move: its one motion
  std::set<std::pair<std::string, std::uint32_t>> begun_;
  std::size_t motions_seen_ = 0;
  std::set<std::string> forbidden_;
  std::map<std::string, std::string> done_;  // command id, the reply that said done
};

}  // namespace cryobank::simulation
