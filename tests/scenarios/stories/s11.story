# Breach: empty within three minutes, then 48 degrees an hour.
story S11 Breach: empty within three minutes
every 10s
learn 3d
at 0 breach
end 1h
loss 75min
told freezer-1.level-falling-fast p1 within 30s
again every 30s hour 10 slower 300
again noise 1 step 5 seed 4 slower 200
