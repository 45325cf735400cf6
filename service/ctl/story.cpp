#include "service/ctl/story.hpp"

#include <algorithm>
#include <string_view>

#include "base/fact_names.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::string_view kTypePrefix = "cryobank.";
constexpr std::size_t kFieldShown = 120;

struct Sentence {
  FactName fact;
  std::string_view text;  // {field} or {field.inner} stands for a field of the event's data
};

constexpr Sentence kSentences[] = {
    {fact::kAlarmAcknowledged, "{by} answers alarm {alarm}: {code} {reason}"},
    {fact::kAliquotsPlaced, "{by} puts vials into place"},
    {fact::kCourseRegistered, "{by} registers course {course} of patient {patient}"},
    {fact::kCourseProtocolSet, "{by} and {witness} give course {course} protocol {protocol}"},
    {fact::kCourseReleased, "{by} releases course {course}: {reason}"},
    {fact::kDoseHarvested, "dose {dose} of {course} is harvested"},
    {fact::kDoseInfused, "dose {dose} of {course} is given to the patient"},
    {fact::kDoseIssued, "dose {dose} of {course} leaves for the clinic"},
    {fact::kDosePlanned, "the doses of {course} are planned"},
    {fact::kDoseRecultured, "dose {dose} of {course} goes into culture"},
    {fact::kDoseThawRefused, "dose {dose} of {course} may not be thawed now: {reason}"},
    {fact::kProbeChallenged, "{by} and {witness} warm {place}: probe {probe} passed {passed}"},
    {fact::kProbeMapped, "{by} and {witness} say where probe {probe} sits"},
    {fact::kRecordSigned, "{signer.user} signs {act}: {signer.meaning}"},
    {fact::kJobCreated, "{job.robot} gets {job.job}: {job.kind} of {job.course}, asked by {by}"},
    {fact::kMoveDone, "{code} is in its place, the robot read its code there"},
    {fact::kMoveFailed, "the robot failed in {job}: {reason}"},
    {fact::kMoveHolding, "the robot holds {code}"},
    {fact::kMoveIssued, "{job}: motion {sequence} is on disk, the robot starts"},
    {fact::kMoveNotDelivered, "{job}: the robot never took the motion, it will be issued again"},
    {fact::kMotionUnexplained, "UNORDERED MOTION of {robot}: {reason}"},
    {fact::kMoveUnknown, "DOUBT in {job}: {reason}"},
    {fact::kWitnessAsked, "{user} asks {witness} to confirm {verb}"},
    {fact::kWitnessConfirmed, "{witness} confirms {verb} of {user}"},
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
  RowReader in("an event", event);
  const std::string full = in.text("type");
  if (!in.ok()) return in.status().error().context;
  std::string_view type = full;
  if (type.starts_with(kTypePrefix)) type.remove_prefix(kTypePrefix.size());
  const auto sentence = std::ranges::find_if(kSentences, [type](const Sentence& one) {
    return type == cat(one.fact.stream(), ".", one.fact.type());
  });
  if (sentence == std::end(kSentences)) return plain(type, event["data"]);
  return std::string(trim(fill(sentence->text, event["data"])));
}

}  // namespace cryobank::ctl
