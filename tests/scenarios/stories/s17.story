# A dead battery, a pager out of range, receipts that come twice, a wrong code, a person who does
# not come.
story S17 Pagers that fail, and people who answer wrongly or say no
bank
plays 4
at 0 pager pager-1 dead
at 0 pager mail-1 silent
at 0 pager pager-2 twice
at 1min fault outlet-closed supply-1
at 4min answer pager-2 supervisor not-coming supply-1.ln2-inhibited
at 4min answer pager-2 supervisor not-coming supply-1.ln2-inhibited
at 5min answer pager-3 supervisor coming wrong
at 6min answer pager-3 supervisor coming supply-1.ln2-inhibited
end 9min
heard supply-1 pager-2 within 60s of 1min
heard supply-1 pager-3 within 10s of 4min
heard NOT_TAKEN pager-3 within 5s of 5min
heard is_yours pager-3 within 5s of 6min
