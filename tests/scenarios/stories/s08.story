# A value on its limit, 40 crossings an hour, for three days; then the mains.
story S8 Nuisance: a level on its limit, then the mains
learn 1d
at 0 no-autofill
at 0 level-swings 102
at 3d battery freezer-1
end 73h
raised-at-most 6
told freezer-1.mains-lost p2 within 1min of 3d
again every 30s hour 9 seed 2
