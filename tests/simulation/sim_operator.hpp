// SimOperator: the people of the simulated bank, with their hands: they bring vials to the transfer
// port and register them, release and plan courses, take thawed vials away, acknowledge alarms,
// look for vials whose place is UNKNOWN, and some of them send what they should not.
// Fault budget: malformed, over-long, unauthorised, expired, retained and repeated commands, a
// known id with another body; a person may leave in the middle of anything. Nobody moves a vial
// without telling the record within some minutes, and nobody lies about what a label says.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.hpp"
#include "inventory/ledger/view.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/post_office.hpp"

namespace cryobank::simulation {

struct Habits {
  Duration act_every = minutes(4);  // on average
  bool mischief = false;
  bool skilled = true;  // they do more than store, thaw and tidy up
  int courses_max = 8;
};

class SimOperator {
 public:
  // `forbid`: told the id of each command that must change nothing.
  SimOperator(Stage& stage, SimBroker& broker, std::uint64_t seed,
              std::function<void(const std::string&)> forbid);

  void start(const Habits& habits);
  void misbehave_often() { habits_.mischief = true; }
  // From now on they only tidy up.
  void calm_down() {
    calm_ = true;
    habits_.act_every = std::min(habits_.act_every, minutes(1));
  }
  void on_reply(const core::Publish& publish) { post_.on_reply(publish); }
  bool idle() const { return post_.idle(); }

 private:
  using Act = bool (SimOperator::*)();  // false: there was nothing to do

  void act();
  // courses
  bool register_course();
  bool release();
  bool plan();
  bool next_step();
  void reculture(const inventory::Course& course, const inventory::Dose& dose);
  void label_step(const inventory::Course& course, const inventory::Dose& dose,
                  std::string_view verb);
  bool refreeze(const inventory::Course& course, const inventory::Dose& dose);
  bool thaw_now();
  bool set_stability();
  // by hand (sim_operator_hands.cpp)
  bool move_by_hand();
  bool undo_operation();
  bool spill_box();
  void rescan(const Box& box, const std::vector<std::string>& codes);
  bool take_stock();
  struct StockTake;
  void count_next(const std::shared_ptr<StockTake>& take);
  void sign(const std::shared_ptr<StockTake>& take);
  bool find_missing();
  // custody (sim_operator_custody.cpp)
  bool transfer();
  bool pack();
  bool ship();
  void receive(const std::string& shipment, const Json& content);
  bool unpack();
  bool label_vial();
  bool mend_label();
  bool hold();
  bool release_hold();
  bool approve();
  bool map_probe();
  bool reserve_position();
  // tidying
  bool acknowledge();
  bool tend_alarm();
  bool find_unknown();
  bool settle_place(const JobId& job, const inventory::Move& move);
  bool empty_gripper();
  bool store_left_over();
  bool clear_mismatch();
  bool resume_robot();
  // mischief
  bool misbehave();
  bool pause_robot();

  void ask(const PostOffice::Letter& letter, PostOffice::Then then);
  // A vial was moved by hand, and the act that tells so is over: whatever became of it, vial and
  // record are brought together again. Ends one hold of it (Stage::in_hands).
  void look_again(const std::string& code);
  void look_again(const std::vector<std::string>& codes);
  void put_right(const std::string& code);
  std::optional<devices::RobotLocation> find_vial(const std::string& code) const;
  std::optional<int> free_port_position() const;
  bool robot_moves() const;
  // Nobody has it, no job wants it, and it stands where the record says, in the robot's reach.
  bool at_hand(const inventory::Aliquot& aliquot) const;
  // No hand reaches in while a robot may.
  bool shelf_rests() const;
  // From where it stands to a spot; in hands from then on, until look_again().
  void carry(const std::string& code, const devices::RobotLocation& to);
  // Takes them off the shelf, into the hands.
  void take_away(const std::vector<std::string>& codes);
  const inventory::Course* draw_course();
  std::optional<inventory::Aliquot> draw_vial();
  std::optional<PlaceId> draw_box();
  // Free by the record and by the look of it.
  std::optional<inventory::Spot> draw_free_spot();
  PlaceId draw_freezer();

  static const Act kWork[13];
  static const Act kDrawnWork[18];
  static const Act kTidying[9];

  Stage& stage_;
  Prng prng_;
  PostOffice post_;
  std::function<void(const std::string&)> forbid_;
  Habits habits_;
  std::vector<Act> work_;
  bool calm_ = false;
  int courses_ = 0;
};

}  // namespace cryobank::simulation
