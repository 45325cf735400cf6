#include <algorithm>

#include "config/labels.hpp"
#include "config/parse.hpp"

namespace cryobank::config {
namespace {

// Places of one site: ten thousand boxes are two hundred large freezers.
constexpr std::size_t kPlacesMax = 100'000;
constexpr int kEachMax = 10'000;
constexpr std::size_t kLettersOfEachMax = 4;

PlaceTypeConfig read_type(std::string_view file, const TomlNode& table, Faults& faults) {
  PlaceTypeConfig type;
  type.file = std::string(file);
  type.line = table.line;
  TableReader reader(file, "[[place_type]]", table, faults);
  reader.text("id", type.id, Need::required);
  reader.choice("layout", type.layout, kLayouts, Need::required);
  using Layouts = PlaceTypeConfig::Layout;
  const bool linear = type.layout == Layouts::linear;
  const bool grid = type.layout == Layouts::grid || type.layout == Layouts::masked_grid;
  reader.integer("rows", type.rows, 1, kRowsMax, grid ? Need::required : Need::optional);
  reader.integer("columns", type.columns, 1, linear ? kLinearMax : kColumnsMax,
                 grid || linear ? Need::required : Need::optional);
  reader.texts("mask", type.mask);
  reader.texts("slots", type.slots);
  reader.choice("row_labels", type.row_labels, kLabelKinds);
  reader.choice("column_labels", type.column_labels, kLabelKinds);
  reader.integer("pad", type.pad, 0, 5);
  reader.boolean("linear_labels", type.linear_labels);
  reader.text("fill_order", type.fill_order);
  reader.texts("holds", type.holds);
  reader.duration("longest_stay", type.longest_stay, minutes(1), days(366));
  const auto flag = [&](std::string_view key, std::optional<bool>& out) {
    bool value = false;
    reader.boolean(key, value);
    if (reader.has(key)) out = value;
  };
  flag("work_area", type.work_area);
  flag("mixed", type.mixed);
  flag("cold", type.cold);
  reader.finish();
  return type;
}

// One letter of `each` with its numbers, and where it stands now.
struct Counter {
  std::string letter;
  int first = 1;
  int last = 1;
  int now = 1;
};

// In the order in which `id` names the letters, so that the places come out as people count them.
std::vector<Counter> read_each(TableReader& reader, const std::string& id) {
  std::vector<Counter> counters;
  const TomlNode* each = reader.table("each");
  if (each == nullptr) return counters;
  for (const TomlNode::Member& member : each->members) {
    const std::vector<TomlNode>& items = member.value.items;
    const auto fits = [](const TomlNode& item) {
      return item.kind == TomlNode::Kind::integer && item.integer >= 0 && item.integer <= kEachMax;
    };
    if (items.size() != 2 || !fits(items[0]) || !fits(items[1]) ||
        items[0].integer > items[1].integer) {
      reader.fault("each", cat("expected ", clip(member.key, 20),
                               " = [first, last], whole numbers from 0 to ", kEachMax,
                               ", the first not above the last"));
      continue;
    }
    const int first = static_cast<int>(items[0].integer);
    counters.push_back({member.key, first, static_cast<int>(items[1].integer), first});
  }
  if (counters.size() > kLettersOfEachMax) {
    reader.fault("each", cat("expected at most ", kLettersOfEachMax, " letters"));
    counters.clear();
  }
  std::stable_sort(counters.begin(), counters.end(), [&](const Counter& a, const Counter& b) {
    return id.find(cat("{", a.letter, "}")) < id.find(cat("{", b.letter, "}"));
  });
  return counters;
}

// Steps the last counter first; false after the last combination.
bool advance(std::vector<Counter>& counters) {
  for (std::size_t i = counters.size(); i-- > 0;) {
    if (counters[i].now < counters[i].last) {
      ++counters[i].now;
      return true;
    }
    counters[i].now = counters[i].first;
  }
  return false;
}

std::string fill_in(std::string_view text, const std::vector<Counter>& counters) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Counter* found = nullptr;
    for (const Counter& counter : counters) {
      const std::string mark = cat("{", counter.letter, "}");
      if (text.substr(at, mark.size()) != mark) continue;
      found = &counter;
      at += mark.size() - 1;
      break;
    }
    if (found == nullptr) {
      out += text[at];
    } else {
      out += cat(found->now);
    }
  }
  return out;
}

// The texts of one [[place]], with their {letters} still in.
struct PlaceTemplate {
  std::string id;
  std::string type;
  std::string parent;
  std::string position;
  std::string title;
  std::string device;
  std::vector<std::string> robot_location;
};

template <class SomeId>
void set_id(TableReader& reader, std::string_view key, const std::string& text, SomeId& out) {
  if (text.empty()) return;
  Result<SomeId> parsed = SomeId::parse(text);
  if (!parsed) return reader.fault(key, parsed.error().context);
  out = std::move(*parsed);
}

PlaceConfig make_place(TableReader& reader, const PlaceTemplate& from,
                       const std::vector<Counter>& counters) {
  PlaceConfig place;
  set_id(reader, "id", fill_in(from.id, counters), place.id);
  place.type = from.type;
  set_id(reader, "parent", fill_in(from.parent, counters), place.parent);
  place.position = fill_in(from.position, counters);
  place.title = fill_in(from.title, counters);
  set_id(reader, "device", fill_in(from.device, counters), place.device);
  for (const std::string& word : from.robot_location) {
    const std::string text = fill_in(word, counters);
    const Result<std::int64_t> value = parse_integer(text);
    if (!value || *value < 0 || *value > 65535) {
      reader.fault("robot_location", cat("expected words from 0 to 65535, came \"", text, "\""));
      continue;
    }
    place.robot_location.push_back(static_cast<std::uint16_t>(*value));
  }
  return place;
}

void read_location(TableReader& reader, PlaceTemplate& place) {
  const std::vector<TomlNode>* items = reader.array("robot_location");
  if (items == nullptr) return;
  for (const TomlNode& item : *items) {
    if (item.kind == TomlNode::Kind::text) {
      place.robot_location.push_back(item.text);
    } else if (item.kind == TomlNode::Kind::integer) {
      place.robot_location.push_back(cat(item.integer));
    } else {
      reader.fault("robot_location", cat("expected three numbers, came ", describe(item)));
    }
  }
  if (items->size() != 3) {
    reader.fault("robot_location", cat("expected three words, came ", items->size()));
  }
}

void read_place(std::string_view file, const TomlNode& table, SiteConfig& config, Faults& faults) {
  PlaceTemplate from;
  TableReader reader(file, "[[place]]", table, faults);
  reader.text("id", from.id, Need::required);
  reader.text("type", from.type, Need::required);
  reader.text("parent", from.parent);
  reader.text("position", from.position);
  reader.text("title", from.title);
  reader.text("device", from.device);
  read_location(reader, from);
  std::vector<Counter> counters = read_each(reader, from.id);
  reader.finish();
  do {
    if (config.places.size() >= kPlacesMax) {
      reader.fault("each", cat("expected at most ", kPlacesMax, " places in all"));
      return;
    }
    PlaceConfig place = make_place(reader, from, counters);
    if (place.id.empty()) return;  // told already; every further one would say the same
    place.file = std::string(file);
    place.line = table.line;
    config.places.push_back(std::move(place));
  } while (advance(counters));
}

}  // namespace

void parse_places(std::string_view file, TableReader& document, SiteConfig& config,
                  Faults& faults) {
  for (const TomlNode* node : document.tables("place_type")) {
    config.place_types.push_back(read_type(file, *node, faults));
  }
  for (const TomlNode* node : document.tables("place")) read_place(file, *node, config, faults);
}

}  // namespace cryobank::config
