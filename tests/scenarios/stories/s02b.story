# The same with 100 times the loss: dry in three and a half hours.
story S2b Pacific: dark for 17 days, then 100 times the loss
weighed
at 0 dark
at 17d heat 10000
at 17d no-refill
end 18d
loss 412h
told freezer-1.weight-falling-fast p1 within 30min of 17d
again evaporation 10 every 30s step 2 hour 7 seed 5
