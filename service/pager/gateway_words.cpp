#include "service/pager/gateway_words.hpp"

namespace cryobank::pager {

Json gateway_state(const PagerConfig& config, std::string_view run, std::string_view state,
                   bool durable, const std::map<std::string, Failing>& failing) {
  Json channels = Json::array();
  for (const ChannelSetup& setup : config.channels) {
    const KindOfChannel* kind = find_kind(setup.kind);
    Json item = Json::object();
    item.set("channel", setup.id)
        .set("kind", setup.kind)
        .set("evidence", kind == nullptr ? "sent" : kind->evidence)
        .set("within_ms", kind == nullptr ? std::int64_t{30'000} : kind->receipt_within.ms());
    if (const auto found = failing.find(setup.id); found != failing.end()) {
      const auto& [tried, probed] = found->second;
      if (!tried.empty() || !probed.empty()) item.set("failing", tried.empty() ? probed : tried);
    }
    channels.push(std::move(item));
  }
  return Json::object()
      .set("schema", "gateway-state/1.1")
      .set("state", state)
      .set("site", config.site)
      .set("run", run)
      .set("queue", durable ? "disk" : "memory")
      .set("channels", std::move(channels));
}

Json gateway_will(const PagerConfig& config, std::string_view run) {
  return Json::object()
      .set("schema", "gateway-state/1.1")
      .set("state", "offline")
      .set("site", config.site)
      .set("run", run);
}

Json gateway_beat(std::string_view run, std::uint64_t number, std::int64_t waiting, WallTime at) {
  return Json::object()
      .set("schema", "gateway-beat/1.1")
      .set("run", run)
      .set("seq", number)
      .set("waiting", waiting)
      .set("at", format_utc(at));
}

}  // namespace cryobank::pager
