# The fill valve does not close; the level is told to rise long before it runs over.
story S12 Overfill: the valve is stuck open
learn 2d
at 0 valve-stuck
end 2h
loss 94min
told freezer-1.valve-stuck-open p1 within 16min
again flow 2 step 5 every 30s hour 10
