# Pacific Fertility, March 2018: the controller was unplugged for 17 days, then the vacuum went. Here
# a scale stands below the tank. A controller is asked each ten seconds, and is lost at the third
# silence.
story S2a Pacific: dark for 17 days, then 20 times the loss
weighed
every 10s
at 0 dark
at 17d heat 2000
at 17d no-refill
end 18d
loss 426h
told freezer-1.comm-lost p2 within 1min
told freezer-1.comm-lost p1 within 15min
told freezer-1.weight-falling-fast p1 within 1h of 17d
again evaporation 10 step 2 hour 7 seed 5
