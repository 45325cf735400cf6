// Command flow: from a message of the broker to its reply. It reads the form (command_gate.hpp),
// answers repetitions, checks the role and the witness, hands the command to the recorder, and once
// it is durable tells the asker and lets the rooms act.
//
//   message --form, id, role--> [signing secret] --> [waits for a witness] --> recorder
//   recorder --durable--> done or rejected, or accepted --end of work--> done or failed
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/desk/as_of_desk.hpp"
#include "service/core/desk/chart_desk.hpp"
#include "service/core/desk/signing_desk.hpp"
#include "service/core/desk/witness_desk.hpp"
#include "service/core/publisher.hpp"
#include "service/core/recorder.hpp"
#include "service/core/replayer.hpp"
#include "service/wire/command_memory.hpp"
#include "service/wire/list_desk.hpp"

namespace cryobank::core {

class CommandFlow {
 public:
  CommandFlow(Bank& bank, CommandMemory& memory, Recorder& recorder, Publisher& publisher,
              EventLog& events, ListDesk& lists);

  Status load_witness_row(std::string_view key, std::string_view value) {
    return witnesses_.load_row(key, value);
  }
  // At start: commands whose work ended, or never began, while nobody looked.
  void start(const Now& now);
  void on_message(const Now& now, const ParsedTopic& topic, const BrokerMessage& message,
                  Effects& effects);
  // A command of the daemon's own, already allowed: no reply is sent. False: try again later.
  bool submit(const Now& now, Command command, Actor actor);
  // What a device model asks of the service.
  void act(const Now& now, const devices::DeviceAct& act);
  void on_recorded(const Now& now, Recorded& recorded, const Status& status, Effects& effects);
  // The end of accepted work: the asker is told once it is durable.
  void close(const std::string& id, ReplyStatus status, ReplyCode code, std::string message,
             Json body = Json::object());
  void on_job(const JobId& job);
  void on_write(const devices::WriteOutcome& outcome);
  void on_secret(const Now& now, const SecretChecked& checked, Effects& effects);
  bool on_rows(const RowsRead& read, Effects& effects) {
    return replayer_.on_rows(read, effects) || as_of_.on_rows(read, effects);
  }
  void on_readings(const std::vector<devices::Reading>& readings, Effects& effects) {
    charts_.on_readings(readings, effects);
  }
  void on_chart(const ChartRead& read, Effects& effects) { charts_.on_chart(read, effects); }
  std::optional<Json> take_waiting() { return witnesses_.take_list(); }
  void on_deadline(const Now& now) { witnesses_.on_deadline(now); }
  Instant next_deadline() const { return witnesses_.next_deadline(); }
  void stop() { stopping_ = true; }  // nothing new is taken in

 private:
  bool answer_again(const Command& command, Effects& effects);
  Status check_time(const Now& now, const Command& command, ReplyStatus& status) const;
  std::optional<Actor> identify(const Command& command) const;
  void deny(const Now& now, const Command& command, const Error& error, Effects& effects);
  void read_and_take_in(const Now& now, Command command, Actor actor, Effects& effects);
  void take_in(const Now& now, Command command, Actor actor, Effects& effects);
  void sign_first(const Now& now, const Command& command, Actor actor, Effects& effects);
  void proceed(const Now& now, Command command, Actor actor, Effects& effects);
  void take_alarm(const Now& now, const Command& command, const Actor& actor, Effects& effects);
  void without_store(const Now& now, const Command& command, const Actor& actor, Effects& effects);
  void not_recorded(const Recorded& recorded, const ReplyTo& to, const Error& why,
                    Effects& effects);
  void take_piece(const Now& now, const Command& command, Effects& effects);
  Status second_person(const Now& now, const Command& command, const Actor& actor);
  Actor with_witness(const Command& command, Actor actor) const;
  static Command as_if_signed(Command command);
  Result<std::string> would_say(const Now& now, const Command& command, const Actor& actor) const;
  void looked_ahead(const Now& now, CommandWork& work, const Recorded& recorded,
                    const Status& status, Effects& effects);
  void tell(const Command& command, const Reply& reply, Effects& effects);
  void tell_unasked(const Command& command, Reply reply, Effects& effects);
  void apply_to_board(const Now& now, const Fact& fact);
  void tell_unreadable(const Now& now, const Error& error);
  void carry_out(const Now& now, const Recorded& recorded);
  bool has_open_job(const std::string& command) const;

  Bank& bank_;
  CommandMemory& memory_;
  Recorder& recorder_;
  Publisher& publisher_;
  ListDesk& lists_;
  Replayer replayer_;
  AsOfDesk as_of_;
  ChartDesk charts_;
  WitnessDesk witnesses_;
  SigningDesk signatures_;
  // What a command ordered from devices: how many are still to end, and what went wrong.
  struct Orders {
    std::size_t open = 0;
    std::string wrong;
    ReplyCode code;
  };
  std::map<std::string, Orders> orders_;  // by command id
  bool stopping_ = false;
};

}  // namespace cryobank::core
