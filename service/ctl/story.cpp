#include "service/ctl/story.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::string_view kTypePrefix = "cryobank.";
constexpr std::size_t kFieldShown = 120;

struct Sentence {
  std::string_view type;  // without the prefix
  std::string_view text;  // {field} or {field.inner} stands for a field of the event's data
};

constexpr Sentence kSentences[] = {
    {"alarm.alarm-acknowledged", "{by} answers alarm {alarm}: {code} {reason}"},
    {"inventory.aliquots-placed", "{by} puts vials into place"},
    {"inventory.course-registered", "{by} registers course {course} of patient {patient}"},
    {"inventory.course-released", "{by} releases course {course}: {reason}"},
    {"inventory.dose-harvested", "dose {dose} of {course} is harvested"},
    {"inventory.dose-infused", "dose {dose} of {course} is given to the patient"},
    {"inventory.dose-issued", "dose {dose} of {course} leaves for the clinic"},
    {"inventory.dose-planned", "the doses of {course} are planned"},
    {"inventory.dose-recultured", "dose {dose} of {course} goes into culture"},
    {"inventory.dose-thaw-refused", "dose {dose} of {course} may not be thawed now: {reason}"},
    {"inventory.probe-challenged",
     "{by} and {witness} warm {place}: probe {probe} passed {passed}"},
    {"inventory.probe-mapped", "{by} and {witness} say where probe {probe} sits"},
    {"inventory.record-signed", "{signer.user} signs {act}: {signer.meaning}"},
    {"job.job-created", "{job.robot} gets {job.job}: {job.kind} of {job.course}, asked by {by}"},
    {"job.move-done", "{code} is in its place, the robot read its code there"},
    {"job.move-failed", "the robot failed in {job}: {reason}"},
    {"job.move-holding", "the robot holds {code}"},
    {"job.move-issued", "{job}: motion {sequence} is on disk, the robot starts"},
    {"job.move-not-delivered", "{job}: the robot never took the motion, it will be issued again"},
    {"job.motion-unexplained", "UNORDERED MOTION of {robot}: {reason}"},
    {"job.move-unknown", "DOUBT in {job}: {reason}"},
    {"security.witness-asked", "{user} asks {witness} to confirm {verb}"},
    {"security.witness-confirmed", "{witness} confirms {verb} of {user}"},
};

const Json& field_of(const Json& data, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Json& value = data[path.substr(0, dot)];
  return dot == std::string_view::npos ? value : value[path.substr(dot + 1)];
}

std::string fill(std::string_view text, const Json& data) {
  std::string out;
  while (true) {
    const std::size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find('}', open);
    const Json& value = field_of(data, text.substr(open + 1, close - open - 1));
    if (!value.is_null()) out += clip(cell(value), kFieldShown);
    text.remove_prefix(close + 1);
  }
}

std::string plain(std::string_view type, const Json& data) {
  std::string out = cat(type, ":");
  if (!data.is_object()) return out;
  for (const auto& [key, value] : data.members()) {
    if (value.is_string() || value.is_number() || value.is_bool()) {
      out += cat(" ", key, " ", clip(cell(value), kFieldShown));
    }
  }
  return out;
}

}  // namespace

std::string tell_story(const Json& event) {
  const std::string full = event.string_or("type", "");
  std::string_view type = full;
  if (type.starts_with(kTypePrefix)) type.remove_prefix(kTypePrefix.size());
  const auto sentence = std::ranges::find(kSentences, type, &Sentence::type);
  if (sentence == std::end(kSentences)) return plain(type, event["data"]);
  return std::string(trim(fill(sentence->text, event["data"])));
}

}  // namespace cryobank::ctl
