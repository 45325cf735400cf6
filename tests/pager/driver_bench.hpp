// A driver made from the lines of a configuration file, and pages for it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "config/toml_document.hpp"
#include "service/pager/pager_config.hpp"

namespace cryobank::pager {

// As the gateway's main() does: a child that does not read must not end the program.
inline const auto kNoPipeSignal = std::signal(SIGPIPE, SIG_IGN);

inline std::shared_ptr<Driver> make_driver(const std::string& channel_toml) {
  PagerConfig config;
  config::Faults faults;
  const std::string text =
      cat("site = \"demo\"\nstate_dir = \"/tmp\"\n[[channel]]\nid = \"c-1\"\n", channel_toml);
  EXPECT_TRUE(parse_pager_config("p.toml", text, config, faults)) << channel_toml;
  for (const config::Fault& fault : faults.items()) ADD_FAILURE() << fault.text;
  return config.channels.empty() ? nullptr : config.channels[0].driver;
}

inline Outgoing test_page(int number) {
  Outgoing page;
  page.id = cat("7-", number);
  page.kind = "page";
  page.priority = 1;
  page.code = "4471";
  page.text = cat("P1 freezer-1 LN2 level low ", number, " mm, limit 77 GO ack 4471");
  page.alarm = "freezer-1.level-low";
  page.page = Json::object().set("page", page.id);
  return page;
}

inline Until soon(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

}  // namespace cryobank::pager
