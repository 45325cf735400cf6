// TextLines: what the machines of one text line say, by the [[line]]s of their profiles: answers to
// questions, and for machines that speak by themselves their values from time to time and each
// event when it happens. The wording is this room's own, so that a mistake in the driver's reader
// shows. A broken probe prints OPEN.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/text_line.hpp"
#include "devices/simulator/machine.hpp"

namespace cryobank::simulator {

// "-197.10": the value as the machine says it, by the point's scale, with up to two decimals.
std::string said_number(const config::Point& point, Milli value);

class TextLines {
 public:
  // Both must outlive this.
  void add(std::uint8_t unit, Machine& machine, const config::DeviceProfile& profile);
  bool empty() const { return speakers_.empty(); }

  struct Answer {
    Machine* machine = nullptr;
    std::string line;
  };
  // Empty: no machine of the line knows the question.
  std::optional<Answer> answer(const SimTime& now, std::string_view question) const;

  // What is printed by now. `clock_per_mille`: Hardware::set_robot_pace; periods are real ones.
  std::vector<std::string> print(const SimTime& now, std::int64_t clock_per_mille);

 private:
  struct Form {
    const config::TextLine* source = nullptr;
    std::vector<config::TextPiece> pieces;
    std::string question;
    std::int64_t period_ms = 0;  // of a line with values
    std::int64_t due_ms = 0;
  };
  struct Speaker {
    std::uint8_t unit = 0;
    Machine* machine = nullptr;
    const config::DeviceProfile* profile = nullptr;
    std::vector<Form> forms;
    std::map<std::string, std::int64_t> last;  // of the points that events tell
    bool begun = false;
  };

  static std::string render(const SimTime& now, const Speaker& speaker, const Form& form);
  static std::string event_text(const Speaker& speaker, const Form& form);
  static void print_events(const SimTime& now, Speaker& speaker, std::vector<std::string>& out);

  std::vector<Speaker> speakers_;
};

}  // namespace cryobank::simulator
