// Effects: the plain parts that most facts are made of. A fact names what it changes under these
// keys, and one function applies them, in this order:
//   "states"     [{"aliquot","to","overridden"?}]           changes of state
//   "places"     [{"place","type"?,"parent","at"?,"title"?}] containers made or moved
//   "items"      [{"aliquot","place","at"?,"out_s"?}]           aliquots put somewhere; all
//                                                           positions are left before the first is
//                                                           taken
//   "positions"  [{"place","at","do","text"?,"until"?,"out"?}] do: block, unblock, reserve, free
//   "documents"  [{"kind","id","content"}]                  content null: removed
//   "counts"     ["overrides", ...]                         counters that rise by one
//   "courses"    ["c1", ...]                                courses whose revision rises
#pragma once

#include <string_view>

#include "base/json.hpp"
#include "base/row_reader.hpp"
#include "inventory/ledger/edit.hpp"

namespace cryobank::inventory {

Status apply_effects(Edit& edit, RowReader& in);

// For the decisions that write such facts.
void add_state(Json& data, const AliquotId& aliquot, AliquotState to, bool overridden = false);
void add_item(Json& data, const View& view, const AliquotId& aliquot, const Spot& to);
// The same of one whose spots and their labels are at hand; `from` empty: of nowhere.
struct Labelled {
  Spot spot;
  std::string label;
};
void add_item(Json& data, const AliquotId& aliquot, Labelled to, Labelled from);
void add_document(Json& data, std::string_view kind, std::string_view id, Json content);
// The same of one struct of documents.hpp.
template <class Document>
void keep_document(Json& data, std::string_view id, const Document& document) {
  add_document(data, Document::kKind, id, document.encode());
}
template <class Document>
void drop_document(Json& data, std::string_view id) {
  add_document(data, Document::kKind, id, Json());
}
void add_count(Json& data, std::string_view name);
void add_position(Json& data, const View& view, const Spot& spot, std::string_view what,
                  std::string_view text, WallTime until = {});
// Keeps a position for a vial that is out of it.
void add_kept(Json& data, const View& view, const Spot& spot, const Reservation& kept);

}  // namespace cryobank::inventory
