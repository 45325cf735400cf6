// visit/notice: what a hospital's system says of a visit (HL7 SIU), and the hold that comes of it.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "service/core/plan/plan_ask.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {
namespace {

constexpr std::size_t kNoticesMax = 100;  // remembered of one course: a sender repeats the last few

Json notices_of(const PlanAsk& ask, const CourseId& course) {
  const Json* known = ask.view().document("notice", course.str());
  return known == nullptr ? Json::array() : (*known)["items"];
}

// Of a message of the same number by the same sender, the hold that it made; empty: it is new.
std::string hold_of_notice(const Json& notices, const schedule::SiuNotice& notice) {
  for (const Json& item : notices.items()) {
    if (text_in(item, "sender") == notice.sender && text_in(item, "control") == notice.control) {
      return text_in(item, "hold");
    }
  }
  return {};
}

Status check_noticed(const inventory::Course& course, const schedule::SiuNotice& notice) {
  const inventory::Dose* dose = course.find(DoseId(notice.dose));
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", clip(notice.dose, 64)));
  }
  if (!inventory::is_final(dose->state) && dose->infusion_at.ms != 0) return {};
  return make_error(ErrorCode::conflict,
                    cat("dose ", dose->id.str(), " of course ", course.id.str(), " is ",
                        name_of(dose->state), ", expected one with a visit that is to come"));
}

Json with_notice(const Json& before, const PlanAsk& ask, const schedule::SiuNotice& notice,
                 const Json& hold) {
  Json items = Json::array();
  const std::vector<Json>& old = before.items();
  for (std::size_t k = old.size() < kNoticesMax ? 0 : 1; k < old.size(); ++k) items.push(old[k]);
  Json item = Json::object().set("sender", clip(notice.sender, 200));
  item.set("control", clip(notice.control, 200)).set("hold", hold);
  items.push(item.set("at", format_utc(ask.context.now.wall)));
  return items;
}

// A hospital's word that a patient does not come: the course is held from today on, with no end,
// until a physician says that it goes on. The same message again holds nothing anew.
Result<Decision> notice_visit(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"hl7"}));
  TRY_ASSIGN(const std::string message, ask.body.get_string("hl7"));
  TRY_ASSIGN(const schedule::SiuNotice notice,
             schedule::read_siu(ask.bank.config.site.str(), message));
  const CourseId id(notice.course);
  const inventory::Course* course = ask.view().course(id);
  if (course == nullptr) {
    return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
  }
  const Json notices = notices_of(ask, id);
  if (const std::string hold = hold_of_notice(notices, notice); !hold.empty()) {
    Decision decision;
    decision.reply = Json::object().set("hold", hold);
    decision.message = cat("message ", clip(notice.control, 60), " came already: ", hold);
    return decision;
  }
  TRY(check_noticed(*course, notice));
  Json body = Json::object().set("course", notice.course).set("kind", "request");
  CommandContext context = ask.context;
  context.reason = cat("HL7 SIU^", notice.event, " for ", clip(notice.uid, 80));
  PlanAsk hold{ask.bank, ask.clock, ask.desk, ask.draft, body, context};
  const std::size_t mark = ask.draft.mark();
  TRY_ASSIGN(Decision decision, hold_course(hold));
  Json data = act_of(ask).set("course", id.str()).set("event", notice.event);
  data.set("sender", clip(notice.sender, 200)).set("control", clip(notice.control, 200));
  Json items = with_notice(notices, ask, notice, decision.reply["hold"]);
  inventory::add_document(data, "notice", id.str(), Json::object().set("items", std::move(items)));
  if (const Status added = add_fact(ask, decision, fact::kVisitNoticed, std::move(data)); !added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  return decision;
}

constexpr PlanVerb kNoticeVerbs[] = {
    {"visit/notice", notice_visit},
};

}  // namespace

std::span<const PlanVerb> notice_verbs() { return kNoticeVerbs; }

}  // namespace cryobank::core
