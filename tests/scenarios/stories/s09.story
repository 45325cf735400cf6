# A vacuum that goes slowly: one per cent more a day.
story S9 Slow loss of vacuum, 1 % a day
learn 60d
at 0 daily-heat 1
end 45d
told freezer-1.evaporation-raised p3 within 32d required 24d
again evaporation 8 hour 6 seed 9
