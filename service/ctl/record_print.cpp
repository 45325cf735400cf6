#include "service/ctl/record_print.hpp"

#include "base/text.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::string_view kOld = "old_";

// Told by lines of their own.
bool is_apart(std::string_view key) {
  return key == "by" || key == "witness" || key == "reason" || key == "at" || key == "documents" ||
         key == "counts" || key == "courses";
}

std::string plain(const Json& value) { return value.is_string() ? value.string() : value.dump(); }

// Members "old_x" beside "x" say what x was.
void add_old(const Json& value, std::string_view path, std::vector<std::string>& lines) {
  if (value.is_array()) {
    for (const Json& item : value.items()) add_old(item, path, lines);
  }
  if (!value.is_object()) return;
  for (const auto& [key, member] : value.members()) {
    if (key.starts_with(kOld)) {
      const std::string name = key.substr(kOld.size());
      lines.push_back(
          cat("    CHANGED ", path, name, ": ", plain(value[name]), ", was ", plain(member)));
    }
    add_old(member, cat(path, key, "."), lines);
  }
}

}  // namespace

void RecordPrint::compare(const std::string& key, const Json& value, std::uint64_t sequence,
                          std::vector<std::string>& lines) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.members()) {
      compare(cat(key, key.find(' ') == std::string::npos ? " " : ".", name), member, sequence,
              lines);
    }
    return;
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      compare(cat(key, ".", i), value.items()[i], sequence, lines);
    }
    return;
  }
  std::string text = plain(value);
  const auto known = values_.find(key);
  if (known != values_.end() && known->second.text != text) {
    lines.push_back(cat("    CHANGED ", key, ": ", text, ", was ", known->second.text,
                        " since entry ", known->second.sequence));
  }
  if (known == values_.end() || known->second.text != text) {
    values_.insert_or_assign(key, Value{std::move(text), sequence});
  }
}

std::vector<std::string> RecordPrint::add(const inventory::JournalEntry& entry) {
  ++entries_;
  const CommandContext& context = entry.context;
  std::vector<std::string> lines;
  std::string head = cat(format_utc(context.now.wall), "  entry ", entry.sequence, "  ",
                         entry.fact.type, "  by ", context.actor.user.str());
  if (!context.actor.witness.empty()) head += cat(", witness ", context.actor.witness.str());
  if (!context.reason.empty()) head += cat(": ", context.reason);
  lines.push_back(std::move(head));
  if (entry.purged) lines.emplace_back("    PURGED: tokens stand for its private words");
  for (const auto& [key, member] : entry.fact.data.members()) {
    if (!is_apart(key)) lines.push_back(cat("    ", key, ": ", plain(member)));
  }
  const std::size_t told = lines.size();
  add_old(entry.fact.data, "", lines);
  const Json& documents = entry.fact.data["documents"];
  for (std::size_t i = 0; documents.is_array() && i < documents.items().size(); ++i) {
    const Json& document = documents.items()[i];
    compare(cat(cell(document["kind"]), "/", cell(document["id"])), document["content"],
            entry.sequence, lines);
  }
  changed_ += lines.size() - told;
  return lines;
}

}  // namespace cryobank::ctl
