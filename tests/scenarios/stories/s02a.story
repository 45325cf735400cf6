# Pacific Fertility, March 2018: the controller was unplugged for 17 days, then the vacuum went. Here
# a scale stands below the tank.
story S2a Pacific: dark for 17 days, then 20 times the loss
weighed
at 0 dark
at 17d heat 2000
at 17d no-refill
end 18d
loss 426h
told freezer-1.comm-lost p2 within 3min required 1min
told freezer-1.comm-lost p1 within 18min required 15min
told freezer-1.weight-falling-fast p1 within 1h of 17d
