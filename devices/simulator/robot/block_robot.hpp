// Block robot: a sample robot that serves the reference block (devices/robot/robot_block.hpp) to
// the letter. Written from docs/registers.md, apart from the driver. Its memory (sequence, epoch,
// count, what is latched) survives a power cut; where the vials are is the Cell's.
//
//   idle --command taken--> accepted --> running --> done or failed --cleared--> idle
//   any --power cut--> off --> starting --> failed (power lost) if a motion was under way
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "devices/robot/robot_block.hpp"
#include "devices/simulator/robot/robot_base.hpp"
#include "devices/simulator/robot/robot_words.hpp"

namespace cryobank::simulator {

class BlockRobot final : public RobotMachine {
 public:
  // `number` is the first word of its gripper's location. `cell` must outlive it.
  // `unit_word`: it serves block version 2.
  BlockRobot(const config::DeviceConfig& config, std::uint16_t number, bool unit_word, Cell& cell,
             std::uint64_t seed);

  std::int64_t next_event_ms() const override { return event_ms_; }
  void on_event(const SimTime& now) override;
  bool moving() const override { return phase_ != Phase::none; }

  devices::ModbusReply serve(const SimTime& now, const devices::ModbusRequest& request) override;
  Result<Milli> truth(std::string_view quantity) const override;
  Status act(const SimTime& now, std::string_view verb, const Json& command) override;
  void faults_changed(const SimTime& now) override;
  Json save() const override;
  Status restore(const Json& saved) override;

 private:
  using State = devices::robot_block::State;
  using Step = devices::robot_block::Step;
  using Verb = devices::robot_block::Verb;
  using Fault = devices::robot_block::Fault;
  using Refusal = devices::robot_block::Refusal;
  // What its hardware is doing; each phase lasts a while and ends in end_of_phase().
  enum class Phase : std::uint8_t {
    none,
    accepting,
    to_source,
    holding,
    to_destination,
    placed,
    working,  // scans, ports, park
    secret,   // the work is done and is not said (fault never-done)
  };

  // robot.cpp: the motion
  void begin_phase(Phase phase, Step step, std::int64_t lasts_ms);
  void end_of_phase();
  bool strikes_at_end(std::string_view step);
  void first_phase();
  void pick();
  void place();
  void work();
  void scan(std::uint16_t positions);
  void succeed();
  void fail(Fault fault);
  std::string read_code(const std::string& real, std::string_view at);
  bool code_fits(const std::string& read) const;
  void put_back();
  Status panel_move(const Json& command);
  void cut_power(std::int64_t off_ms, bool forgets);
  void power_up();

  // block_robot_serve.cpp: the registers
  devices::ModbusReply read(const devices::ModbusRequest& request) const;
  devices::ModbusReply write(const devices::ModbusRequest& request);
  void on_command();
  Refusal judge(const RobotOrder& order) const;
  void on_master_word(std::uint16_t address, std::uint16_t value);
  State shown_state() const;
  std::uint16_t interlocks() const;
  bool automatic() const;
  bool gripper_seen() const;
  bool master_silent() const;
  std::int64_t beat() const;
  std::vector<std::uint16_t> status_words() const;
  std::uint16_t scan_word(std::uint16_t address) const;

  devices::RobotLocation gripper() const { return {number_, kGripperRack, 0}; }

  std::uint16_t number_;
  bool unit_word_;
  Cell& cell_;
  Prng prng_;
  SimTime now_;

  Phase phase_ = Phase::none;
  std::int64_t event_ms_ = kNoEvent;
  bool powered_ = true;
  bool starting_ = false;
  bool faking_ = false;  // goes through the motion without doing it (fault false-done)
  bool faking_codes_ = false;
  bool blind_ = false;  // does not compare what it just read (a wrong-code or unreadable, silent)

  // The block's memory.
  std::vector<std::uint16_t> command_ = std::vector<std::uint16_t>(16, 0);
  std::uint16_t master_words_[8] = {};  // holding 16-23
  RobotOrder order_;
  bool latched_ = false;  // done or failed, not cleared yet
  Step step_ = Step::none;
  std::uint32_t echo_ = 0;
  std::uint32_t last_done_ = 0;
  std::uint16_t result_ = 0;
  std::uint16_t error_ = 0;
  std::uint32_t completed_ = 0;
  std::uint32_t highest_epoch_ = 0;
  std::uint32_t hash_at_pick_ = 0;
  std::uint32_t hash_at_place_ = 0;
  std::string code_;
  Refusal refusal_ = Refusal::none;
  std::uint32_t refused_sequence_ = 0;
  bool port_open_ = false;
  bool manual_ = false;
  std::int64_t master_beat_ms_ = -1;  // last change of its heartbeat; -1: never since power-up
  std::int64_t frozen_beat_ = -1;
  std::vector<std::string> scanned_;  // "" empty, "\xFF" unreadable
};

}  // namespace cryobank::simulator
