// SimOperator: the people of the simulated bank, with their hands: they bring vials to the transfer
// port and register them, release and plan courses, take thawed vials away, acknowledge alarms,
// look for vials whose place is UNKNOWN, and some of them send what they should not.
// Fault budget: malformed, over-long, unauthorised, expired, retained and repeated commands, a
// known id with another body; a person may leave in the middle of anything. Nobody moves a vial
// without telling the record within some minutes, and nobody lies about what a label says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "inventory/view.hpp"
#include "service/base/prng.hpp"
#include "tests/simulation/post_office.hpp"

namespace cryobank::simulation {

struct Habits {
  Duration act_every = minutes(4);  // on average
  bool mischief = false;
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
  void calm_down() { calm_ = true; }
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
  // tidying
  bool acknowledge();
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
  void put_right(const std::string& code);
  std::optional<devices::RobotLocation> find_vial(const std::string& code) const;
  std::optional<int> free_port_position() const;
  bool robot_moves() const;
  const inventory::Course* draw_course();

  Stage& stage_;
  Prng prng_;
  PostOffice post_;
  std::function<void(const std::string&)> forbid_;
  Habits habits_;
  bool calm_ = false;
  int courses_ = 0;
};

}  // namespace cryobank::simulation
