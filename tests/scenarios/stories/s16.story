# The wall clock jumps, the broker tells of a death that is over, and the link comes and goes.
story S16 Clock steps of an hour, a late will, a storm of reconnects
bank
plays 6
at 0 fault outlet-closed supply-1
at 4min..6min clock 1h
at 11min..13min late-will
at 17min..19min clock -1h
at 24min kill broker 1s
at 1445s kill broker 1s
at 1450s kill broker 2s
at 1455s kill broker 1s
at 27min..28min late-will
end 33min
heard supply-1 pager-1 within 20s
heard closed_for_10min pager-1 within 30s of 10min
rule repeats 3min
rule state-online 30s
rule keeps-tiers 5s
