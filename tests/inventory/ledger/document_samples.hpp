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
    {"assessment", "c1",
     R"({"items":[{"after_dose":"d04","by":"ann","date":"2026-12-20","done":false,"what":"ct"}]})",
     "items"},
    {"budget", "box", R"({"handling_s":60,"hard_s":120})", "handling_s hard_s"},
    {"change", "c1",
     R"({"at":"2026-11-22T03:04:05.678Z","by":"ann","early_doses":2,"early_min_days":7,"interval_max_days":5,"interval_min_days":4,"limit_max_days":9,"limit_min_days":2,"reason":"r","urgency":3})",
     "at by reason"},
    {"clinic", "c1", R"({"clinic":"clinic-1"})", "clinic"},
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
     R"({"at":"2026-11-22T03:04:05.678Z","by":"ann","clinician":"clinic","criterion":"viability","investigation":"dev-1","reason":"r","tests":["viability"],"told":"cat","told_at":"2026-11-22T05:00:00.000Z","witness":"bob"})",
     "at clinician criterion investigation"},
    {"excursion", "excursion-1",
     R"({"above":{"-135":60,"-150":600},"cold":true,"from":"2026-11-22T03:00:00.000Z","open":true,"peak":-120.5,"place":"freezer-1","probe":"freezer-1.top","until":"2026-11-22T04:00:00.000Z"})",
     "above from until"},
    {"fit", "c1.d01", R"({"by":"ann","until":"2026-11-22T03:04:05.678Z"})", "by until"},
    {"hold", "hold-1",
     R"({"asked_at":"2026-11-22T03:00:00.000Z","asked_by":"donor","at":"2026-11-22T03:04:05.678Z","by":"ann","kind":"consent","reason":"r","target":"patient:p1"})",
     "kind reason target"},
    {"label", "a1", R"({"copy":2,"state":"verified"})", "copy state"},
    {"marker", "c1",
     R"({"items":[{"assay":"28-8","at":"2026-11-22T03:04:05.678Z","by":"ann","dose":"d01","marker":"pd-l1","unit":"%","value":45.5}]})",
     "items"},
    {"observation", "c1.d01",
     R"({"items":[{"at":"2026-11-22T03:04:05.678Z","by":"ann","measure":"temperature","unit":"Cel","value":39.6}]})",
     "items"},
    {"operation", "operation-1",
     R"({"aliquots":[{"from":{"at":1,"place":"b1","position":"A2"},"id":"a1","to":{"at":0,"place":"b2","position":"A1"}}],"at":"2026-11-22T03:04:05.678Z","by":"ann","containers":[{"id":"b3","to":{"place":"r1"}}],"verb":"aliquot/move"})",
     "at verb"},
    {"pause", "pause-1",
     R"({"at":"2026-11-22T03:04:05.678Z","by":"ann","course":"c1","from":"2026-12-02","kind":"fever","reason":"r","until":"2026-12-05"})",
     "at by course from kind reason"},
    {"plan", "current",
     R"({"accepted_at":"2026-11-22T03:04:05.678Z","accepted_by":"ann","bound":{"cost":1},"cause":"asked for","changes":[],"changes_total":0,"late":[],"objective":{"waiting":1},"reason":"r","version":3,"visits_moved":1,"visits_published":12})",
     "accepted_at accepted_by cause changes changes_total late objective reason version "
     "visits_moved visits_published"},
    {"probe", "freezer-1.top",
     R"({"challenged":true,"challenged_at":"2026-11-22T03:04:05.678Z","failed":true,"versions":[{"by":"ann","corrects":true,"from":"2026-11-22T03:00:00.000Z","place":"freezer-1","witness":"bob"}]})",
     "challenged versions"},
    {"purge", "c1",
     R"({"approval":"purge-1","at":"2026-11-22T03:04:05.678Z","done":"2026-11-23T03:04:05.678Z"})",
     "approval"},
    {"qc", "l1",
     R"({"tests":[{"final":true,"finding":"negative","late":true,"passes":"negative","test":"sterility","verdict":"passed"},{"high":100,"low":70,"method":"flow","specimen":"v9","test":"viability","value":91.5,"verdict":"pending"}]})",
     "tests"},
    {"referral", "r1",
     R"({"closed_at":"2026-11-22T03:04:05.678Z","course":"c1","first_contact":"2026-10-22T03:04:05.678Z","instead_of":"c0","items":[{"at":"2026-11-22T03:04:05.678Z","by":"ann","cause":"low yield","outcome":"failed","stage":"collection"}],"patient":"p1","planned_at":"2026-11-22T03:04:05.678Z","protocol":"ank-12","provisional":{"why":"no day"},"received_at":"2026-11-22T03:04:05.678Z","state":"closed","urgency":2})",
     "items patient protocol received_at state urgency"},
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
    {"told", "c1", R"({"d01":"2026-12-02"})", ""},
    {"waiver", "a1", R"({"seconds":300})", "seconds"},
};

}  // namespace cryobank::inventory
