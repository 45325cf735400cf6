# Northwestern, April 2012: the automatic fill is dead, and with it the controller's own relay.
story S4 Northwestern: no fill comes any more
noise 0.3
learn 60d
from-start
at 0 no-autofill
end 1d
loss 216h
told freezer-1.fill-missed p2 within 60min required 30min
again evaporation 20 noise 0.5 every 2min hour 9
again lids 40 seed 3 slower 130
again step 0.1 noise 0.15 seed 7
