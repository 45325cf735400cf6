// label/print, label/verify, label/void: a label counts only once it was scanned back, and a void
// one no longer. label/template: the lines of a product.
#include "base/text.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/effects.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/label.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

LabelTemplate template_of(const View& view, const Course& course) {
  LabelTemplate product;
  const Json* set =
      course.protocol.empty() ? nullptr : view.document("template", course.protocol.str());
  if (set == nullptr) return product;
  for (const Json& line : (*set)["lines"].items()) product.lines.push_back(line.string());
  product.autologous = set->bool_or("autologous", true);
  return product;
}

Result<Decision> set_template(Ask& ask) {
  const auto protocol = need_id<ProtocolId>(ask.body, "protocol");
  if (!protocol) return protocol.error();
  if (ask.view().site().find_protocol(*protocol) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no protocol ", protocol->str()));
  }
  const Json& lines = ask.body["lines"];
  if (!lines.is_array()) {
    return make_error(ErrorCode::malformed,
                      cat("expected a list at \"lines\", came ", lines.kind_name()));
  }
  LabelTemplate product;
  for (const Json& line : lines.items()) {
    product.lines.push_back(line.is_string() ? line.string() : line.dump());
  }
  const auto fits = check_template(product);
  if (!fits) return fits.error();
  Json content = Json::object().set("lines", lines);
  content.set("autologous", ask.body.bool_or("autologous", true));
  Json data = act(ask);
  data.set("protocol", protocol->str());
  if (const Json* old = ask.view().document("template", protocol->str())) data.set("old", *old);
  add_document(data, "template", protocol->str(), std::move(content));
  const auto added = ask.trial.add(inventory_fact("label-template-set", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("protocol", protocol->str()),
                cat("labels of ", protocol->str(), " have ", product.lines.size(), " lines more"));
}

std::string label_key(const AliquotId& aliquot) { return aliquot.str(); }

Result<Decision> print_label(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  const Json* old = ask.view().document("label", label_key(*id));
  if (old != nullptr) {
    const auto reason = need_reason(ask, "a reprint");
    if (!reason) return reason.error();
  }
  const Course& course = *ask.view().course(aliquot->course);
  const auto printable = check_printable(*aliquot);
  if (!printable) return printable.error();
  const std::vector<std::string> notes = use_notes(ask.view(), *aliquot, ask.now());
  const Label label = make_label(course, *aliquot, notes, template_of(ask.view(), course));
  Json data = act(ask);
  data.set("aliquot", id->str());
  Json content = Json::object().set("state", "printed");
  content.set("copy", old == nullptr ? 1 : old->integer_or("copy", 0) + 1);
  add_document(data, "label", label_key(*id), std::move(content));
  const auto added = ask.trial.add(inventory_fact("label-printed", std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("aliquot", id->str()).set("zpl", zpl_of(label));
  reply.set("data_matrix", label.code);
  Json lines = Json::array();
  for (const std::string& line : label.lines) lines.push(line);
  reply.set("lines", std::move(lines));
  return answer(ask, std::move(reply),
                cat("label of ", id->str(), notes.empty() ? "" : cat(" (", joined(notes), ")"),
                    ": scan it back before use"));
}

// REQUIRES: `label` is the document of the aliquot's label.
Result<Decision> set_state(Ask& ask, const AliquotId& id, const Json& label, std::string_view state,
                           std::string_view fact) {
  Json content = label;
  content.set("state", state);
  Json data = act(ask);
  data.set("aliquot", id.str());
  add_document(data, "label", label_key(id), std::move(content));
  const auto added = ask.trial.add(inventory_fact(fact, std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("aliquot", id.str()),
                cat("label of ", id.str(), " is ", state));
}

Result<Decision> verify_label(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  const auto code = ask.body.get_string("code");
  if (!code) return code.error();
  const Json* label = ask.view().document("label", label_key(*id));
  if (label == nullptr || label->string_or("state", "") == "void") {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", id->str(), " has no label in use: print one"));
  }
  auto mismatch = check_code(ask, *aliquot, *code, hold_target(HoldScope::aliquot, id->str()));
  if (!mismatch) return mismatch.error();
  if (*mismatch) return std::move(**mismatch);
  return set_state(ask, *id, *label, "verified", "label-verified");
}

Result<Decision> void_label(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const Json* label = ask.view().document("label", label_key(*id));
  if (label == nullptr) {
    return make_error(ErrorCode::not_found, cat("aliquot ", id->str(), " has no label"));
  }
  const auto reason = need_reason(ask, "voiding a label");
  if (!reason) return reason.error();
  return set_state(ask, *id, *label, "void", "label-voided");
}

constexpr DecidedVerb kLabelCommands[] = {
    {"label/print", print_label},
    {"label/template", set_template},
    {"label/verify", verify_label},
    {"label/void", void_label},
};

}  // namespace

std::span<const DecidedVerb> label_commands() { return kLabelCommands; }

}  // namespace cryobank::inventory
