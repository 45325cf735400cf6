# McLean, May 2012: the display stands at -190 while it warms.
story S6 McLean: the top probe stands still
learn 3d
at 0 top-reads -190
at 0 warming 0.23
end 12h
told freezer-1.top-frozen p2 within 1h
again every 30s hour 10 seed 4
