# A medium leak: a tenth of the liquid in 0.8 h.
story S10 Medium leak: dry in hours
at 0 heat 4350
at 0 no-refill
end 3h
loss 9h
told freezer-1.level-falling-fast p1 within 48min
again evaporation 20 every 30s hour 10 seed 3 slower 110
