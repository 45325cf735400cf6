#include "service/core/plan/plan_decided.hpp"

#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr std::size_t kWhyKept = 120;  // bytes of the reason, to tell one from another

std::set<std::string> texts_of(const Json& list) {
  std::set<std::string> texts;
  for (const Json& item : list.items()) texts.insert(item.string());
  return texts;
}

Json list_of(const std::set<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

}  // namespace

std::string cause_of(const StoppedDose& stopped) {
  return cat(stopped.course.str(), "/", stopped.dose.str(), " ", stopped.mark, ": ",
             clip(stopped.why, kWhyKept));
}

std::string mark_of(const Threat& threat) { return cat(name_of(threat), " ", threat.danger.since); }

std::string cause_of(const Threat& threat) {
  std::string doses;
  for (const DoseId& dose : threat.put_back) doses += cat(" ", dose.str());
  return doses.empty() ? doses : cat(mark_of(threat), doses);
}

SeenCauses seen_causes(const inventory::View& view) {
  const Json* document = view.document("plan", "decided");
  if (document == nullptr) return {};
  return {texts_of((*document)["causes"]), texts_of((*document)["threats"])};
}

Json to_json(const SeenCauses& decided) {
  Json json = Json::object().set("causes", list_of(decided.causes));
  return json.set("threats", list_of(decided.threats));
}

}  // namespace cryobank::core
