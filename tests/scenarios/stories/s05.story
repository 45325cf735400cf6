# Alberta ice cores, April 2017: the monitoring's own database was corrupt, and what the freezers
# sent reached nobody. Here the record takes nothing any more, the supply is shut ten minutes later,
# and mail is swallowed on its way. `pressure-low` and the outlet are told after 10 s.
story S5 Alberta: no record, no supply, and mail that nobody gets
bank
plays 5
at 0 store fails
at 0 pager mail-1 silent
at 10min..11min fault outlet-closed supply-1
end 15min
heard The_record any within 20s required 20s
heard supply-1 pager-1 within 80s of 10min required 80s
heard mail-1 pager-1 within 60s
