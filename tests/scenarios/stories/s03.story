# Cleveland, March 2018: fills that bring a per cent less each day, a use that rises by one.
story S3 Cleveland: fills flow slower for months
learn 60d
at 0 daily-flow -1
at 0 daily-heat 1
end 40d
loss 60d
told freezer-1.fill-slower p3 within 25d required 25d
again evaporation 20 flow 2.4 hour 5 seed 3
