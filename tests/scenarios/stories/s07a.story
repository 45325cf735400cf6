# Cordlife, 2022: probes were moved in service.
story S7a Cordlife: somebody moved the probe
learn 3d
at 0 top-offset 25
end 4h
told freezer-1.probes-disagree p2 within 2h
again every 2min hour 9 seed 3
