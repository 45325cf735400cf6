// The tree of places as a site may build it: floors that are no rectangle, boxes of two makes,
// canes that belong into canisters, and no deeper than twelve.
#include <gtest/gtest.h>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

using Layout = config::PlaceTypeConfig::Layout;

config::PlaceTypeConfig kind(std::string id, Layout layout, int rows, int columns,
                             std::vector<std::string> holds) {
  config::PlaceTypeConfig type;
  type.id = std::move(id);
  type.layout = layout;
  type.rows = rows;
  type.columns = columns;
  type.holds = std::move(holds);
  return type;
}

config::SiteConfig cane_site() {
  config::SiteConfig site = small_site();
  for (config::PlaceTypeConfig& type : site.place_types) {
    if (type.id == "room") type.holds.insert(type.holds.end(), {"tank", "bin"});
  }
  auto tank = kind("tank", Layout::masked_grid, 6, 6, {"canister", "box-96", "box-100"});
  tank.mask = {"######", "######", "######", "######", "######", "###..."};
  site.place_types.push_back(tank);
  site.place_types.push_back(kind("canister", Layout::dimensionless, 1, 1, {"cane"}));
  site.place_types.push_back(kind("cane", Layout::linear, 1, 6, {"aliquot"}));
  site.place_types.push_back(kind("box-96", Layout::grid, 8, 12, {"aliquot"}));
  site.place_types.push_back(kind("box-100", Layout::grid, 10, 10, {"aliquot"}));
  site.place_types.push_back(kind("bin", Layout::dimensionless, 1, 1, {"bin", "aliquot"}));
  return site;
}

std::string make(std::string_view id, std::string_view type, std::string_view parent,
                 std::string_view position = "") {
  return cat(R"({"place":")", id, R"(","type":")", type, R"(","parent":")", parent,
             R"(","position":")", position, R"("})");
}

TEST(Tree, AFloorOfThirtyThreeTakesBoxesAndCanistersAndNoCane) {
  const config::SiteConfig site = cane_site();
  Bank bank(site);
  bank.done("place/make", make("tank-1", "tank", "room"));
  const Json report = bank.done("report/occupancy", R"({"place":"tank-1"})");
  EXPECT_EQ(bank.view().type_of(*bank.view().place(PlaceId("tank-1"))).fill_order().size(), 33u)
      << report.dump();
  bank.done("place/make", make("box-1", "box-96", "tank-1", "A1"));
  bank.done("place/make", make("box-2", "box-100", "tank-1", "F3"));
  bank.refused("place/make", make("box-3", "box-100", "tank-1", "F4"), ErrorCode::not_found);
  bank.refused("place/make", make("cane-1", "cane", "tank-1", "A2"), ErrorCode::conflict);
  bank.done("place/make", make("canister-1", "canister", "tank-1", "A2"));
  bank.done("place/make", make("cane-1", "cane", "canister-1"));
  bank.expect_rebuilds();
}

TEST(Tree, IsTwelveDeepAndHasNoCircle) {
  const config::SiteConfig site = cane_site();
  Bank bank(site);
  bank.witness = "witness";
  std::string parent = "room";
  for (int depth = 2; depth <= kTreeDepthMax; ++depth) {
    const std::string id = cat("bin-", depth);
    bank.done("place/make", make(id, "bin", parent));
    parent = id;
  }
  bank.refused("place/make", make("bin-13", "bin", parent), ErrorCode::too_large);
  bank.refused("place/move", R"({"place":"bin-2","parent":"bin-9"})", ErrorCode::conflict);
  bank.refused("place/move", R"({"place":"bin-5","parent":"bin-5"})", ErrorCode::conflict);
  bank.done("place/make", make("bin-a", "bin", "room"));
  bank.refused("place/move", R"({"place":"bin-2","parent":"bin-a"})", ErrorCode::too_large);
  bank.expect_rebuilds();
}

}  // namespace
}  // namespace cryobank::inventory
