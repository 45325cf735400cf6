// One document of each kind with every member that it can have, as its row stands in the store.
#pragma once

namespace cryobank::inventory {

struct DocumentSample {
  const char* kind;
  const char* id;
  const char* row;
  const char* must;  // members that it cannot do without
};

inline constexpr DocumentSample kDocumentSamples[] = {
    {"budget", "box", R"({"handling_s":60,"hard_s":120})", "handling_s hard_s"},
    {"count", "take-1.box-1",
     R"({"at":"2026-11-22T03:04:05.678Z","basis":"0a","by":"ann","tubes":[{"at":0,"code":"V1"}]})",
     "at basis by tubes"},
    {"disposal", "disposal-1",
     R"({"aliquots":["a1"],"at":"2026-11-22T03:04:05.678Z","by":"ann","method":"autoclave","reason":"old","roles":["operator"]})",
     "aliquots at by method reason roles"},
    {"evacuation", "evacuation-1",
     R"({"done":[],"from":"freezer-1","open":[{"aliquots":3,"at":0,"from":"1","rack":"r1","to":"1"}],"to":"freezer-2"})",
     "done from open to"},
    {"exception", "c1",
     R"({"at":"2026-11-22T03:04:05.678Z","by":"ann","clinician":"clinic","criterion":"viability","investigation":"dev-1","reason":"r","witness":"bob"})",
     "at clinician criterion investigation"},
    {"excursion", "excursion-1",
     R"({"above":{"-135":60,"-150":600},"from":"2026-11-22T03:00:00.000Z","open":true,"peak":-120.5,"place":"freezer-1","probe":"freezer-1.top","until":"2026-11-22T04:00:00.000Z"})",
     "above from until"},
    {"hold", "hold-1",
     R"({"asked_at":"2026-11-22T03:00:00.000Z","asked_by":"donor","at":"2026-11-22T03:04:05.678Z","by":"ann","kind":"consent","reason":"r","target":"patient:p1"})",
     "kind reason target"},
    {"label", "a1", R"({"copy":2,"state":"verified"})", "copy state"},
    {"operation", "operation-1",
     R"({"aliquots":[{"from":{"at":1,"place":"b1","position":"A2"},"id":"a1","to":{"at":0,"place":"b2","position":"A1"}}],"at":"2026-11-22T03:04:05.678Z","by":"ann","containers":[{"id":"b3","to":{"place":"r1"}}],"verb":"aliquot/move"})",
     "at verb"},
    {"probe", "freezer-1.top",
     R"({"challenged":true,"challenged_at":"2026-11-22T03:04:05.678Z","failed":true,"versions":[{"by":"ann","corrects":true,"from":"2026-11-22T03:00:00.000Z","place":"freezer-1","witness":"bob"}]})",
     "challenged versions"},
    {"purge", "c1",
     R"({"approval":"purge-1","at":"2026-11-22T03:04:05.678Z","done":"2026-11-23T03:04:05.678Z"})",
     "approval"},
    {"qc", "l1",
     R"({"tests":[{"final":true,"finding":"negative","late":true,"passes":"negative","test":"sterility","verdict":"passed"},{"high":100,"low":70,"method":"flow","specimen":"v9","test":"viability","value":91.5,"verdict":"pending"}]})",
     "tests"},
    {"retention", "c1", R"({"decision":"keep","until":"2031-11-22T03:04:05.678Z"})", "decision"},
    {"shipment", "shipment-1",
     R"({"arrives_by":"2026-12-02T00:00:00.000Z","cold_until":"2026-12-05T00:00:00.000Z","manifest":[{"aliquot":"a1","code":"V1","course":"c1","state":"quarantined","statement":"Q"}],"packed_by":"ann","sent_at":"2026-12-01T00:00:00.000Z","shipper":"shipper-1","state":"sent","to":"clinic"})",
     "arrives_by manifest packed_by shipper state to"},
    {"signer", "ann", R"({"locked_at":"2026-11-22T03:04:05.678Z","wrong":5})", "wrong"},
    {"stability", "nk-12",
     R"({"freezings_max":2,"frozen_days":1825,"harvested_hours":12,"million_cells_min":500,"thawed_hours":2,"viable_percent_min":70})",
     ""},
    {"take", "take-1",
     R"({"blind":true,"boxes":["b1","b2"],"by":"ann","opened_at":"2026-11-22T03:04:05.678Z","place":"freezer-1"})",
     "blind by opened_at place"},
    {"template", "nk-12", R"({"autologous":false,"lines":["{expires}"]})", "autologous lines"},
    {"waiver", "a1", R"({"seconds":300})", "seconds"},
};

}  // namespace cryobank::inventory
