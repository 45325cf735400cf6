# Northwestern, April 2012: the automatic fill is dead, and with it the controller's own relay.
story S4 Northwestern: no fill comes any more
noise 0.3
at 0 no-autofill
end 7d
loss 336h
told freezer-1.fill-missed p2 within 5d required 5d
