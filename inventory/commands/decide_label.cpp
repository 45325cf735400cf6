// label/print, label/verify, label/void: a label counts only once it was scanned back, and a void
// one no longer. label/template: the lines of a product.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/label.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

LabelTemplate template_of(const View& view, const Course& course) {
  LabelTemplate product;
  if (course.protocol.empty()) return product;
  auto set = document_of<TemplateDocument>(view, course.protocol.str());
  if (set) product = {std::move(set->lines), set->autologous};
  return product;
}

Result<Decision> set_template(Ask& ask) {
  TRY_ASSIGN(const auto protocol, need_id<ProtocolId>(ask.body, "protocol"));
  if (ask.view().site().find_protocol(protocol) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no protocol ", protocol.str()));
  }
  const Json& lines = ask.body["lines"];
  if (!lines.is_array()) {
    return make_error(ErrorCode::malformed,
                      cat("expected a list at \"lines\", came ", lines.kind_name()));
  }
  LabelTemplate product;
  for (const Json& line : lines.items()) {
    product.lines.push_back(line.string());
  }
  TRY(check_template(product));
  const TemplateDocument content{product.lines, flag_of(ask.body, "autologous", true)};
  Json data = act(ask);
  data.set("protocol", protocol.str());
  const auto old = document_of<TemplateDocument>(ask.view(), protocol.str());
  if (old) data.set("old", old->encode());
  keep_document(data, protocol.str(), content);
  TRY(ask.trial.add(inventory_fact(fact::kLabelTemplateSet, std::move(data))));
  return answer(ask, Json::object().set("protocol", protocol.str()),
                cat("labels of ", protocol.str(), " have ", product.lines.size(), " lines more"));
}

std::string label_key(const AliquotId& aliquot) { return aliquot.str(); }

Result<Decision> print_label(Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<AliquotId>(ask.body, "aliquot"));
  TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
  const auto old = document_of<LabelDocument>(ask.view(), label_key(id));
  if (old) {
    TRY(need_reason(ask, "a reprint"));
  }
  const Course& course = *ask.view().course(aliquot.course);
  TRY(check_printable(aliquot));
  const std::vector<std::string> notes = use_notes(ask.view(), aliquot, ask.now());
  const Label label = make_label(course, aliquot, notes, template_of(ask.view(), course));
  Json data = act(ask);
  data.set("aliquot", id.str());
  keep_document(data, label_key(id), LabelDocument{"printed", old ? old->copy + 1 : 1});
  TRY(ask.trial.add(inventory_fact(fact::kLabelPrinted, std::move(data))));
  Json reply = Json::object().set("aliquot", id.str()).set("zpl", zpl_of(label));
  reply.set("data_matrix", label.code);
  Json lines = Json::array();
  for (const std::string& line : label.lines) lines.push(line);
  reply.set("lines", std::move(lines));
  return answer(ask, std::move(reply),
                cat("label of ", id.str(), notes.empty() ? "" : cat(" (", joined(notes), ")"),
                    ": scan it back before use"));
}

// REQUIRES: `label` is the document of the aliquot's label.
Result<Decision> set_state(Ask& ask, const AliquotId& id, LabelDocument label,
                           std::string_view state, const FactName& fact) {
  label.state = state;
  Json data = act(ask);
  data.set("aliquot", id.str());
  keep_document(data, label_key(id), label);
  TRY(ask.trial.add(inventory_fact(fact, std::move(data))));
  TRY(unblock_doses(ask, ask.view().aliquot(id)->course));  // a thaw waits for a label that scans
  return answer(ask, Json::object().set("aliquot", id.str()),
                cat("label of ", id.str(), " is ", state));
}

Result<Decision> verify_label(Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<AliquotId>(ask.body, "aliquot"));
  TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
  TRY_ASSIGN(const auto code, ask.body.get_string("code"));
  const auto label = document_of<LabelDocument>(ask.view(), label_key(id));
  if (!label || label->state == "void") {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", id.str(), " has no label in use: print one"));
  }
  TRY_ASSIGN(auto mismatch,
             check_code(ask, aliquot, code, hold_target(HoldScope::aliquot, id.str())));
  if (mismatch) return std::move(*mismatch);
  return set_state(ask, id, *label, "verified", fact::kLabelVerified);
}

Result<Decision> void_label(Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<AliquotId>(ask.body, "aliquot"));
  const auto label = document_of<LabelDocument>(ask.view(), label_key(id));
  if (!label) {
    return make_error(ErrorCode::not_found, cat("aliquot ", id.str(), " has no label"));
  }
  TRY(need_reason(ask, "voiding a label"));
  return set_state(ask, id, *label, "void", fact::kLabelVoided);
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
