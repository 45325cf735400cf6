# Flood: the bulk supply is lost, 19 tanks cannot fill, and another room has its own alarm.
story S14 Flood: 19 tanks of one supply, and another room
tanks 19
noise 0.3
at 0 shows supply-1 outlet-valve 0
at 0 no-refill
at 8min shows room-2 oxygen-1 19.2
end 24h
loss 116h
causes-paged-at-most 3
told supply-1.ln2-inhibited p1 within 30s
told room-2.oxygen-1-low p1 within 10s of 8min
again evaporation 20 noise 1 hour 10
