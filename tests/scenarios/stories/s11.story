# Breach: empty within three minutes, then 48 degrees an hour.
story S11 Breach: empty within three minutes
every 10s
learn 3d
at 0 breach
end 1h
loss 75min
told freezer-1.level-falling-fast p1 within 30s
