#include "service/pager/page_reader.hpp"

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/told_members.hpp"

namespace cryobank::pager {
namespace {

int priority_in(RowReader& in) {
  const std::string word = in.text("priority");
  if (word == "p1") return 1;
  if (word == "p2") return 2;
  if (word == "p3") return 3;
  in.refuse("priority", "p1, p2 or p3");
  return 1;
}

std::string printable(std::string_view text) { return cut(seven_bit(text), kTextMax); }

// The same bytes are the same page, however often they come.
std::string id_of_unreadable(const Json& page) {
  return cat(kOwnPrefix, "unreadable-", hex16(fnv1a32(page.dump())).substr(8));
}

// First what the page may have said: a small display shows the beginning.
void tell_fault(ReadPage& read) {
  read.out.priority = 1;
  const std::string said = cut(read.out.text, kHeadMax / 2);
  read.out.text = printable(cat("P1 UNREADABLE PAGE ", said, said.empty() ? "" : " - ",
                                "look at the alarm list now: ", read.fault));
}

}  // namespace

ReadPage read_page(const Json& page) {
  RowReader in("a page", page);
  ReadPage read;
  Outgoing& out = read.out;
  out.page = page;
  out.kind = page["kind"].is_null() ? "page" : in.text("kind");
  if (!read.only_withdraws()) {
    out.priority = priority_in(in);
    out.text = printable(in.any_text("text"));
  }
  out.code = told_text(in, page, "ack_code");
  out.alarm = told_text(in, page, "alarm");
  out.created = in.maybe_time("created");
  out.expires = in.maybe_time("expires_at");
  read.here = in.maybe_time("expires_here");
  if (!page["withdraw"].is_null()) read.withdraws = in.texts("withdraw");
  out.id = in.text("page");
  const bool named = !out.id.empty() && out.id.size() <= kPageIdMax;
  if (!named) in.refuse("page", cat("an id of at most ", kPageIdMax, " bytes"));
  if (!named) out.id = id_of_unreadable(page);
  if (!in.ok()) {
    read.fault = in.status().error().context;
    tell_fault(read);
  }
  return read;
}

}  // namespace cryobank::pager
