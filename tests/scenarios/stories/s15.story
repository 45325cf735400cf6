# Kills while a P1 stands that nobody takes: the daemon, the broker, the gateway, then all three, at
# instants and for times that each play draws. One alarm is taken and one shelved before, and two are
# over and latched: one until somebody confirms it, one until it is reset.
story S15 Kills of daemon, broker, gateway and all while a P1 stands
bank
plays 24
at 0 fault outlet-closed supply-1
at 0 fault power-failure freezer-1
at 0 fault power-failure freezer-2
at 0 fault power-failure freezer-3 duration_s 60
at 0 fault power-failure freezer-4 duration_s 60
at 40s take operator freezer-3.mains-lost
at 40s take operator freezer-4.mains-lost
at 80s take operator freezer-1.mains-lost
at 80s shelve supervisor freezer-2.mains-lost 2h
at 110s latched freezer-3.mains-lost
at 110s latched freezer-4.mains-lost
at 2min..5min kill daemon 4s..90s
at 8min..11min kill broker 4s..90s
at 14min..17min kill gateway 4s..55s
at 20min..23min kill all 4s..55s
end 28min
heard supply-1 pager-1 within 20s
heard supply-1 pager-2 within 8min
heard supply-1 pager-3 within 15min
rule page-or-dead 90s
rule keeps-tiers 5s
rule keeps-acts 3s
rule keeps-latches 3s
