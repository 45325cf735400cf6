// Signing story: the demo site with signatures, a course with its vials in a box, and people who
// sign.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {

// The demo site with signatures, and with a shipper to send vials in.
inline void adapt_signing(config::SiteConfig& config) {
  config.signing.required = true;
  config::PlaceTypeConfig type;
  type.id = "shipper";
  type.layout = config::PlaceTypeConfig::Layout::dimensionless;
  type.holds = {"aliquot"};
  config.place_types.push_back(type);
  for (config::PlaceTypeConfig& known : config.place_types) {
    if (known.id == "room") known.holds.emplace_back("shipper");
  }
  config::PlaceConfig place;
  place.id = PlaceId("shipper-1");
  place.type = "shipper";
  place.parent = PlaceId("room-1");
  config.places.push_back(place);
}

class Signing : public testing::Test {
 protected:
  Signing() : world_(adapt_signing) {
    world_.start();
    world_.link(true);
    world_.run(seconds(20));
    Json body = Json::object().set("course", "c-1").set("patient", "p-1");
    body.set("protocol", "ank-12").set("lot", "l-1");
    EXPECT_EQ(world_.ask("operator", "course/register", body).string_or("status", ""), "done");
    for (int dose = 1; dose <= 2; ++dose) {
      const std::string vial = cat("c-1-d0", dose, "-1");
      Json move = Json::object().set("aliquot", vial).set("code", vial);
      move.set("place", "freezer-1-rack-1-box-1").set("position", cat("A", dose));
      const std::string id = world_.send("operator", "aliquot/move", move, "witness");
      world_.run(seconds(1));
      world_.ask("witness", "witness/confirm", Json::object().set("command", id));
      world_.run(seconds(60));
    }
  }

  // What signature/prepare says of an act, with the reason that World gives.
  Json prepared(const std::string& user, const std::string& verb, const Json& body) {
    const Json ask = Json::object().set("act", verb).set("body", body);
    return world_.ask(user, "signature/prepare", ask)["body"];
  }

  // Sends a command with a signature and gives its last reply. Both components, unless `alone_`.
  Json sign(const std::string& user, const std::string& verb, const Json& body,
            const std::string& meaning, const std::string& record,
            std::string_view secret = kSecret) {
    BrokerMessage message = world_.command(user, verb, body, witness_);
    Json payload = *parse_json(message.payload);
    Json signature = Json::object().set("meaning", meaning).set("secret", secret);
    if (!record.empty()) signature.set("record", record);
    if (!alone_) signature.set("user", signer_.empty() ? user : signer_);
    payload.set("signature", std::move(signature));
    message.payload = payload.dump();
    message.response_topic = cat(world_.parts().bank.topics.root(), "reply/", user, "/", terminal_);
    last_ = payload.string_or("id", "");
    world_.send_raw(std::move(message));
    world_.run(seconds(2));
    return world_.reply(last_);
  }

  Json release(std::string_view secret = kSecret) {
    const Json shown = prepared("quality", "course/release", course());
    return sign("quality", "course/release", course(), shown.string_or("meaning", ""),
                shown.string_or("record", ""), secret);
  }

  std::string would() {
    const Json list = world_.retained("service/waiting");
    const auto& waiting = list["waiting"].items();
    return waiting.empty() ? std::string() : waiting.back().string_or("would", "");
  }

  static Json course() { return Json::object().set("course", "c-1"); }

  std::vector<inventory::JournalEntry> entries(const FactName& type) {
    std::vector<inventory::JournalEntry> found;
    for (auto row = world_.rows.lower_bound("j/"); row != world_.rows.end(); ++row) {
      if (!row->first.starts_with("j/")) break;
      auto entry = inventory::parse_entry(row->second);
      EXPECT_TRUE(entry.ok()) << row->second;
      if (entry && entry->fact.type == type) found.push_back(std::move(*entry));
    }
    return found;
  }

  World world_;
  std::string last_;
  std::string witness_;  // of the next command that is signed
  bool alone_ = false;   // the secret comes alone
  std::string signer_;   // the user component, if it is another than the sender
  std::string terminal_ = "test";
};

}  // namespace cryobank::core
